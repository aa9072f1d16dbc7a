#!/bin/sh
# How good, and what each piece of the recipe is worth: tests/bench/quality.sh FOLDER [OUT.csv] [CONFIGURATIONS]
#
# FOLDER holds CSV files and MANIFEST.csv with the columns name, file, target, positive_label (several values with |
# between) and drop_columns (with ; between). Each set is cross-validated under each configuration, on the same folds.
# OUT.csv [BUILD/bench/quality.csv] gets a line for each: mean PR-AUC, its standard deviation between folds and its 95 %
# interval, the PR-AUC of every fold, and the difference to the first configuration with the 95 % interval of Nadeau and
# Bengio's corrected t, since runs apart share folds but no resamples. A table of means is printed at the end.
#
# CONFIGURATIONS is a file of lines `name: options`; # opens a comment. Without it, the presets and the ablation below.
#
# FLTRAIN  the program [./fltrain]           BUILD    the build folder [build]
# SETS     names, with commas between [all]  OPTIONS  added to every configuration (--epochs 2, say)
# FOLDS, REPEATS  of the cross-validation [5, 1]

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${FLTRAIN:-$root/fltrain}
folder=$1
out=${2:-${BUILD:-$root/build}/bench/quality.csv}
configurations=$3

if [ -z "$folder" ]; then
	echo "usage: tests/bench/quality.sh FOLDER [OUT.csv] [CONFIGURATIONS]" >&2
	exit 2
fi
for needed in "$folder/MANIFEST.csv" "$program" ${configurations:+"$configurations"}; do
	[ -r "$needed" ] || { echo "$needed: cannot be read" >&2; exit 2; }
done
mkdir -p "$(dirname "$out")" || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-quality.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Each line takes one piece away from the default, or puts another in its place.
if [ -n "$configurations" ]; then
	cat "$configurations"
else
	cat <<-END
		default:
		fast: --preset fast
		plain networks only: --recipe plain
		embedded networks only: --recipe embedded
		one plain network: --members 1
		one embedded network: --members 1 --recipe embedded
		no periodic embedding: --embedding none
		no front scale: --front-scale no
		one rate for all weights: --lr 1e-3
		relu everywhere: --activation relu
		no weight decay: --weight-decay 0
		no dropout: --dropout 0
		constant rate: --schedule constant
		averaged weights: --ema 0.99
		robust scale: --scale robust
		quantile scale: --scale quantile
		focal loss: --loss focal --gamma 2
		balanced weights: --pos-weight balanced
		output bias 0: --output-bias zero
	END
fi | tr -d '\r' | sed 's/#.*//; s/^[ \t]*//; /^$/d' >"$work/configurations"
if grep -v : "$work/configurations" >"$work/wrong" || [ ! -s "$work/configurations" ]; then
	echo "configurations are lines \`name: options\`, not: $(head -n 1 "$work/wrong")" >&2
	exit 2
fi

# The manifest as lines name, file, target, positives, drops, with a separator that no field holds. A list's items are
# quoted as the program's lists want it where they hold a comma or a quote.
us=$(printf '\037')
LC_ALL=C awk -v us="$us" -v sets="$SETS" '
function quoted(item) {
	if (item !~ /[,"]/)
		return item
	gsub(/"/, "\"\"", item)
	return "\"" item "\""
}
function list(text, separator,    n, items, i, all) {
	n = split(text, items, separator)
	for (i = 1; i <= n; i++)
		all = all (i > 1 ? "," : "") quoted(items[i])
	return all
}
# Splits a record into field[1..n_fields].
function parse(record,    i, c, is_open) {
	n_fields = 1
	field[1] = ""
	for (i = 1; i <= length(record); i++) {
		c = substr(record, i, 1)
		if (is_open && c == "\"" && substr(record, i + 1, 1) == "\"") {
			field[n_fields] = field[n_fields] c
			i++
		} else if (c == "\"" && (is_open || field[n_fields] == ""))
			is_open = !is_open
		else if (c == "," && !is_open)
			field[++n_fields] = ""
		else
			field[n_fields] = field[n_fields] c
	}
}
NR == 1 { sub(/^\357\273\277/, "") }
{
	sub(/\r$/, "")
	record = is_more ? record "\n" $0 : $0
	is_more = gsub(/"/, "\"", record) % 2 # a quote that is still open goes on in the next line
}
is_more || record == "" { next }
!n_names {
	parse(record)
	n_names = n_fields
	for (i = 1; i <= n_fields; i++)
		at[field[i]] = i
	split("name file target positive_label drop_columns", needed, " ")
	for (i = 1; i <= 5; i++)
		if (!(needed[i] in at)) {
			print "MANIFEST.csv has no column " needed[i] >"/dev/stderr"
			exit 2
		}
	next
}
{
	parse(record)
	name = field[at["name"]]
	if (sets != "" && index("," sets ",", "," name ",") == 0)
		next
	print name us field[at["file"]] us field[at["target"]] us list(field[at["positive_label"]], "[|]") us \
		list(field[at["drop_columns"]], ";")
}' "$folder/MANIFEST.csv" >"$work/sets" || exit 2
if [ ! -s "$work/sets" ]; then
	echo "$folder/MANIFEST.csv: names no set${SETS:+ among $SETS}" >&2
	exit 2
fi

# One line of OUT.csv from the JSON of a run, with the differences to the folds of the first configuration.
cat >"$work/line.awk" <<'END'
# Student's t quantile 0.975 by bisection on the integral of its density (Simpson's rule).
function t_density(x, df) { return (1 + x * x / df) ^ (-(df + 1) / 2) }
function t_area(b, df,    n, i, h, sum) {
	n = 400
	h = b / n
	sum = t_density(0, df) + t_density(b, df)
	for (i = 1; i < n; i++)
		sum += t_density(i * h, df) * (i % 2 ? 4 : 2)
	return sum * h / 3
}
# gamma((df + 1) / 2) / gamma(df / 2) / sqrt(df pi), the ratio by recursion from df 1 or 2.
function t_norm(df,    ratio, d) {
	ratio = df % 2 ? 1 / sqrt(3.14159265358979324) : sqrt(3.14159265358979324) / 2
	for (d = df % 2 ? 1 : 2; d < df; d += 2)
		ratio *= (d + 1) / d
	return ratio / sqrt(df * 3.14159265358979324)
}
function t_975(df,    lo, hi, mid, norm, i) {
	lo = 0
	hi = 13
	norm = t_norm(df)
	for (i = 0; i < 60; i++) {
		mid = (lo + hi) / 2
		if (norm * t_area(mid, df) < 0.475)
			lo = mid
		else
			hi = mid
	}
	return mid
}
function after(text, key,    at, rest) {
	at = index(text, key)
	if (!at)
		return ""
	rest = substr(text, at + length(key))
	sub(/[,}\]].*/, "", rest)
	return rest
}
function csv(text) {
	if (text ~ /[",]/) {
		gsub(/"/, "\"\"", text)
		return "\"" text "\""
	}
	return text
}
{
	figures = substr($0, index($0, "\"figures\":{\"ap\":{"))
	mean = after(figures, "\"mean\":")
	rest = substr($0, index($0, "\"folds\":["))
	n = 0
	while ((cut = index(rest, "\"ap\":"))) {
		rest = substr(rest, cut + 5)
		ap[++n] = rest + 0
		all = all (n > 1 ? ";" : "") sprintf("%.5f", ap[n])
	}
	for (i = 1; i <= n; i++)
		squares += (ap[i] - mean) ^ 2
	line = csv(set) "," csv(configuration) "," after($0, "\"positives\":") "," n "," after($0, "\"members\":") ","
	line = line sprintf("%.5f,%.5f,%.5f,%.5f", mean, n > 1 ? sqrt(squares / (n - 1)) : 0, after(figures, "\"lo\":"), \
		after(figures, "\"hi\":"))
	if (split(first, base, ";") != n)
		base_is_missing = 1
	else {
		for (i = 1; i <= n; i++)
			difference += (ap[i] - base[i]) / n
		for (i = 1; i <= n; i++)
			spread += (ap[i] - base[i] - difference) ^ 2 / (n - 1)
		half = t_975(n - 1) * sqrt(spread * (1 / n + after($0, "\"test_per_train\":")))
	}
	line = line (base_is_missing ? ",,," : sprintf(",%.5f,%.5f,%.5f", difference, difference - half, difference + half))
	print line "," sprintf("%.1f", after(substr($0, index($0, "\"seconds\":{\"read\":")), "\"total\":")) "," all
}
END

# run SET FILE TARGET POSITIVE DROP NAME OPTIONS: a line of OUT.csv on stdout.
run()
{
	# shellcheck disable=SC2086
	"$program" cv -q --json - --folds "${FOLDS:-5}" --repeats "${REPEATS:-1}" --target "$3" --positive "$4" \
		${5:+--drop "$5"} $7 $OPTIONS "$folder/$2" >"$work/json" </dev/null || return 1
	LC_ALL=C awk -v set="$1" -v configuration="$6" -v first="$first" -f "$work/line.awk" "$work/json"
}

set -f # options are words, never patterns
echo "set,configuration,positives,folds,members,ap,sd,lo,hi,difference,difference_lo,difference_hi,seconds,aps" >"$out" || exit 1
n_failed=0
base=$(sed 's/:.*//; q' "$work/configurations")
while IFS=$us read -r name file target positive drop; do
	first=
	while IFS= read -r line; do
		configuration=${line%%:*}
		if run "$name" "$file" "$target" "$positive" "$drop" "$configuration" "${line#*:}" >"$work/line"; then
			cat "$work/line" >>"$out"
			[ "$configuration" != "$base" ] || first=$(sed 's/.*,//' "$work/line")
			printf '%-16s %-26s %s\n' "$name" "$configuration" "$(sed 's/.*,\([0-9.]*\),[^,]*$/\1 s/' "$work/line")" >&2
		else
			n_failed=$((n_failed + 1))
			printf '%-16s %-26s FAILED\n' "$name" "$configuration" >&2
		fi
	done <"$work/configurations"
done <"$work/sets"

# A configuration a line: means over the sets, then the PR-AUC of each set.
echo
echo "$("$program" --version | head -n 1), ${FOLDS:-5} folds x ${REPEATS:-1}${OPTIONS:+, $OPTIONS}; PR-AUC, * = differs from the first line (95 %)"
LC_ALL=C awk '
# Splits a line of OUT.csv into f[1..n]; names may be quoted.
function parse(record,    i, c, is_open) {
	n = 1
	f[1] = ""
	for (i = 1; i <= length(record); i++) {
		c = substr(record, i, 1)
		if (c == "\"" && !(is_open && substr(record, i + 1, 1) == "\""))
			is_open = !is_open
		else if (c == "\"")
			f[n] = f[n] substr(record, ++i, 1)
		else if (c == "," && !is_open)
			f[++n] = ""
		else
			f[n] = f[n] c
	}
}
NR > 1 {
	parse($0)
	if (!(f[1] in known_set)) { sets[++n_sets] = f[1]; known_set[f[1]] = 1 }
	if (!(f[2] in known_name)) { names[++n_names] = f[2]; known_name[f[2]] = 1 }
	ap[f[1], f[2]] = f[6] + 0
	sd[f[1], f[2]] = f[7]
	difference[f[1], f[2]] = f[10]
	mark[f[1], f[2]] = f[10] != "" && (f[11] + 0 > 0 || f[12] + 0 < 0) ? "*" : " "
	seconds[f[2]] += f[13]
}
END {
	width = 13
	for (i = 1; i <= n_names; i++)
		if (length(names[i]) > width)
			width = length(names[i])
	printf "%-" width "s  %6s %5s %7s %7s ", "configuration", "mean", "rank", "change", "seconds"
	for (s = 1; s <= n_sets; s++)
		printf " %13.13s", sets[s]
	print ""
	for (i = 1; i <= n_names; i++) {
		name = names[i]
		mean = rank = change = count = 0
		cells = ""
		for (s = 1; s <= n_sets; s++) {
			key = sets[s] SUBSEP name
			if (!(key in ap)) {
				cells = cells sprintf(" %13s", "failed")
				continue
			}
			count++
			mean += ap[key]
			change += difference[key]
			place = 1
			for (j = 1; j <= n_names; j++) {
				other = sets[s] SUBSEP names[j]
				if (j != i && other in ap)
					place += ap[other] > ap[key] ? 1 : ap[other] == ap[key] ? 0.5 : 0
			}
			rank += place
			cells = cells sprintf(" %6.3f%s (%.2f)", ap[key], mark[key], sd[key])
		}
		if (count)
			printf "%-" width "s  %6.4f %5.2f %+7.4f %7.0f %s\n", name, mean / count, rank / count, \
				change / count, seconds[name], cells
	}
	print "in brackets: the standard deviation between folds; change: the mean difference to the first line"
}' "$out"
echo "wrote $out"
if [ "$n_failed" -gt 0 ]; then
	echo "$n_failed runs failed" >&2
	exit 1
fi

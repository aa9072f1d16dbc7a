#!/bin/sh
# The four data sets that ship: every compiler that is installed writes them again, byte for byte; the figures in
# data/README.md are those that `make truth` prints, and are counted again here from the files themselves; the truth
# agrees with the labels; the config that states what is attainable states it right.
folder=${BUILD:-build}/shipped
flags='-std=c11 -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror -ffp-contract=off'
passed=0 failed=0

check() { # WHAT COMMAND...: passes if the command succeeds
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "shipped: FAILED: $what"
	fi
}

build_and_write() { # COMPILER LEVEL: everything into a folder of its own
	out=$folder/$1$2
	mkdir -p "$out" || return 1
	# shellcheck disable=SC2086 # the flags are words
	"$1" $flags "$2" -o "$out/generate" data/*.c -lm || return 1
	"$out/generate" data "$out" && "$out/generate" truth "$out" >"$out/figures"
}

same_bytes() { # FOLDER
	for name in fraud defects screening churn; do
		cmp "data/$name.csv" "$1/$name.csv" || return 1
		cmp "$truth/$name.truth.csv" "$1/$name.truth.csv" || return 1
	done
	cmp "$truth/figures" "$1/figures"
}

# Rows, positives, missing cells and copies as the printed table has them, with awk in place of the generator.
counted() { # NAME POSITIVE MISSING
	awk -F, -v positive="$2" -v missing="$3" '
		NR > 1 { rows++; positives += $NF == positive; copies += seen[$0]++ > 0
		         for (i = 1; i < NF; i++) empty += $i == missing }
		END { print rows, positives, empty, copies }' "data/$1.csv"
}

printed() { # NAME
	awk -F'|' -v file="$1.csv" '{ gsub(/ /, "", $2) } $2 == file { print $3 + 0, $4 + 0, $6 + 0, $7 + 0 }' "$truth/figures"
}

counts_agree() { # NAME POSITIVE MISSING
	[ -n "$(printed "$1")" ] && [ "$(counted "$@")" = "$(printed "$1")" ]
}

size_fits() { # NAME
	size=$(wc -c <"data/$1.csv") rows=$(($(wc -l <"data/$1.csv") - 1))
	[ "$size" -lt 2500000 ] && [ $rows -ge 20000 ] && [ $rows -le 40000 ]
}

# Among rows of like truth as many positives as it says: within 4 standard deviations in each tenth of the expected
# positives, ranked by truth.
labels_agree() { # NAME POSITIVE
	tail -n +2 "data/$1.csv" | awk -F, -v positive="$2" '{ print $NF == positive }' |
		paste -d, - "$truth/$1.values" | LC_ALL=C sort -t, -k2,2g |
		awk -F, '{ y[NR] = $1; p[NR] = $2; all += $2 }
			END { for (i = 1; i <= NR; i++) {
					seen += y[i]; expected += p[i]; variance += p[i] * (1 - p[i])
					if (expected < all / 10 && i < NR) continue
					if (variance > 0 && (seen - expected) ^ 2 > 16 * variance) bad = 1
					seen = expected = variance = 0; tenths++ }
				exit bad || tenths < 9 }'
}

config_agrees() { # NAME: its attainable-ap is the printed mean
	mean=$(awk -F'|' -v file="$1.csv" '{ gsub(/ /, "", $2) } $2 == file { split($8, part, " "); print part[1] }' "$truth/figures")
	[ -n "$mean" ] && grep -qx "attainable-ap = $mean" "configs/$1.conf"
}

readme_has_figures() {
	[ "$(grep -c . "$truth/figures")" -eq 6 ] || return 1
	while IFS= read -r line; do
		grep -qxF -e "$line" data/README.md || return 1
	done <"$truth/figures"
}

compilers='' first=''
for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	compilers="$compilers $compiler"
	first=${first:-$compiler}
done
[ -n "$first" ] || { echo "shipped: neither gcc nor clang is installed"; exit 1; }
truth=$folder/$first-O2

# shellcheck disable=SC2086 # the compilers are words
for build in $(printf '%s:-O2 ' $compilers) "$first:-O0"; do
	compiler=${build%:*} level=${build#*:}
	check "$compiler $level builds and writes" build_and_write "$compiler" "$level"
	check "$compiler $level writes the bytes of data/ and the same truth" same_bytes "$folder/$compiler$level"
done
while IFS=' ' read -r name positive missing; do
	tail -n +2 "$truth/$name.truth.csv" | cut -d, -f2 >"$truth/$name.values"
	check "$name.csv has the counts that make truth prints" counts_agree "$name" "$positive" "$missing"
	check "$name.csv has 20,000 to 40,000 rows in under 2.5 MB" size_fits "$name"
	check "$name.csv has labels that agree with its truth" labels_agree "$name" "$positive"
done <<END
fraud 1
defects defective
screening yes NA
churn yes NA
END
check "data/README.md has the figures of make truth" readme_has_figures
check "configs/defects.conf has the attainable PR-AUC of make truth" config_agrees defects

echo "shipped: $passed passed, $failed failed (${compilers# })"
[ $failed -eq 0 ]

#!/bin/sh
# What --order blocks costs in accuracy: tests/bench/order.sh (make bench-order)
#
# The PR-AUC of test rows after a training by either order, for tables of several windows (nn/order.h) whose rows are in
# random order, sorted by an input, and sorted by class. Each line is the mean of its seeds, and the mean difference of
# the two orders with its standard error.
#
# FLTRAIN  the program [./fltrain]           BUILD   where big_table stands [build]: make bench-order builds both
# SEEDS    of each line [3]                  ROWS    of the table, with 4 columns [10000000: half a gigabyte, twice]

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${FLTRAIN:-$root/fltrain}
big_table=${BUILD:-$root/build}/bench/big_table
seeds=${SEEDS:-3} rows=${ROWS:-10000000}

work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-order.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$big_table" "$work/random" "$rows" 4 || exit 1

# sorted KEY: the same rows, sorted by that column.
sorted()
{
	head -n 1 "$work/random"
	tail -n +2 "$work/random" | LC_ALL=C TMPDIR=$work sort -t , -k "$1"
}

# ap ORDER SEED FILE
ap()
{
	"$program" -q --preset fast --hidden 32 --batch 1024 --epochs 2 --no-model --order "$1" --seed "$2" \
		--json "$work/report" "$3" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
	sed 's/.*"ap":{"value":\([0-9.]*\),.*/\1/' "$work/report"
}

echo "$rows rows of 4 columns, $seeds seeds: PR-AUC of test rows by --order rows and blocks, and the difference"
for kind in random amount class; do
	file=$work/$kind
	case $kind in
	amount) sorted 4,4g >"$file" ;;
	class) sorted 5,5 >"$file" ;;
	esac
	for seed in $(seq "$seeds"); do
		echo "$(ap rows "$seed" "$file") $(ap blocks "$seed" "$file")"
	done | awk -v kind=$kind '
	{ rows += $1; blocks += $2; d = $2 - $1; sum += d; squares += d * d }
	END {
		mean = sum / NR
		error = NR > 1 ? sqrt((squares - NR * mean * mean) / (NR - 1) / NR) : 0
		printf "%-8s %.5f %.5f  %+.5f +- %.5f\n", kind, rows / NR, blocks / NR, mean, error
	}'
	[ $kind = random ] || rm "$file"
done

#!/bin/sh
# How seconds and memory grow with rows, columns, width of the network and threads: tests/bench/growth.sh
#
# Tables are made in the shape of the credit card set, measured and removed, one at a time; the largest takes about
# half a gigabyte. Each line is the median of its runs. What matters is the right part: the cost of a row, which must
# not grow with their number.
#
# FLTRAIN  the program [./fltrain]           BUILD   where the helpers stand [build]: make bench-growth builds both
# RUNS     of each line [3]                  MOST    rows of the largest table [10000000]

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${FLTRAIN:-$root/fltrain}
tools=${BUILD:-$root/build}/bench
runs=${RUNS:-3} most=${MOST:-10000000}

for tool in "$program" "$tools/usage" "$tools/big_table"; do
	if [ ! -x "$tool" ]; then
		echo "$tool is missing; make bench-growth builds it" >&2
		exit 2
	fi
done
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-growth.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
file=$work/table.csv

# The network of speed.sh.
fixed='--recipe plain --members 1 --embedding none --activation relu --dropout 0 --gamma 2 --optimizer adam --lr 1e-3'
fixed="$fixed --weight-decay 0 --schedule constant --patience 0 --validation-fraction 0 --test-fraction 0.3"

fail() { echo "failed: $*" >&2; exit 1; }

# make_table ROWS COLUMNS: sets rows, columns, megabytes.
make_table()
{
	rows=$1 columns=$2
	"$tools/big_table" "$file" "$rows" "$columns" || fail "a table of $rows rows"
	megabytes=$(wc -c <"$file" | awk '{ printf "%.1f", $1 / 1e6 }')
}

# Runs a command; prints its seconds and its peak of megabytes.
used()
{
	rm -f "$work/usage"
	"$tools/usage" "$work/usage" "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; return 1; }
	awk '{ print $1, $2 / 1024 }' "$work/usage"
}

# seconds_of KEY: of the run's report.
seconds_of()
{
	sed 's/.*"seconds":{\([^}]*\)}.*/\1/' "$work/run.json" | tr ',' '\n' | sed -n "s/\"$1\"://p"
}

# measure HIDDEN BATCH THREADS EPOCHS: one run a line into samples: read, prepare, epoch, predict, memory, memory of
# predict.
measure()
{
	: >"$work/samples"
	run=0
	while [ $run -lt "$runs" ]; do
		run=$((run + 1))
		# shellcheck disable=SC2086
		trained=$(used "$program" train -q -o "$work/model" --json "$work/run.json" $fixed --hidden "$1" \
			--batch "$2" --threads "$3" --epochs "$4" "$file") || fail "training on $rows rows"
		scored=$(used "$program" predict -q --threads "$3" -o "$work/scored.csv" "$work/model" "$file") ||
			fail "scoring $rows rows"
		echo "$(seconds_of read) $(seconds_of prepare) $(seconds_of train) ${scored% *} ${trained#* } ${scored#* }" |
			awk -v epochs="$4" '{ $3 /= epochs; print }' >>"$work/samples"
		rm -f "$work/model" "$work/scored.csv"
	done
}

# The median of column $1 of the samples.
median()
{
	awk -v c="$1" '{ print $c }' "$work/samples" | sort -g |
		awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Titles of the columns after the first, which says what grows.
head_line()
{
	printf '%10s %8s | %8s %8s %8s %8s %8s %8s | %8s %8s %8s %8s\n' "$1" "file MB" read prepare epoch predict \
		"MB" "MB pred." read prepare epoch predict
}

# line LABEL PER: seconds and megabytes, then microseconds over PER (rows, or cells).
line()
{
	printf '%10s %8s |' "$1" "$megabytes"
	for c in 1 2 3 4; do printf ' %8s' "$(median $c | awk '{ printf ($1 < 1 ? "%.3f" : "%.2f"), $1 }')"; done
	for c in 5 6; do printf ' %8s' "$(median $c | awk '{ printf "%.0f", $1 }')"; done
	printf ' |'
	for c in 1 2 3 4; do printf ' %8s' "$(median $c | awk -v n="$2" '{ printf "%.3g", $1 * 1e6 / n }')"; done
	echo
}

# Few rows get more epochs, so that one can be measured; a test of 0.3 is held out of each table.
epochs_of() { awk -v n="$1" 'BEGIN { e = int(2000000 / n); print (e < 1 ? 1 : (e > 20 ? 20 : e)) }'; }

threads=$(nproc)
echo "Growth: 64,32 hidden units at batch 256 unless said otherwise, $threads threads; medians of $runs runs"
echo
echo "Rows, of 4 columns: seconds, megabytes | microseconds a row"
head_line rows
n=10000
while [ "$n" -le "$most" ]; do
	make_table "$n" 4
	measure 64,32 256 "$threads" "$(epochs_of "$n")"
	line "$n" "$n"
	n=$((n * 10))
done

echo
echo "Columns, of 2,000 rows: seconds, megabytes | microseconds a cell"
head_line columns
for n in 10 100 1000 10000; do
	make_table 2000 "$n"
	measure 64,32 256 "$threads" 5
	line "$n" $((2000 * n))
done

echo
echo "Width of two hidden layers, 10,000 rows of 30 columns, batch 1024: seconds, megabytes | microseconds a row"
head_line width
make_table 10000 30
for n in 64 256 1024 4096; do
	measure "$n,$n" 1024 "$threads" "$(awk -v n="$n" 'BEGIN { print (n > 1000 ? 1 : 5) }')"
	line "$n" 10000
done

echo
echo "Threads, 284,807 rows of 30 columns: seconds, megabytes | microseconds a row"
head_line threads
make_table 284807 30
for n in $(seq 1 "$threads"); do
	measure 64,32 256 "$n" 5
	line "$n" 284807
done

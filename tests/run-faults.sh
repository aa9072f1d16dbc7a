#!/bin/bash
# Lets the calls of the program fail, one after the other: tests/run-faults.sh WALK PROGRAM [CASE...]
#
# WALK is tests/faults/walk.c linked with the program, PROGRAM the same program without faults. DENSE=N tries the
# first N calls of a kind each and then ever fewer. JOBS is how many cases run at once.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -lt 2 ]; then
	echo "usage: tests/run-faults.sh WALK PROGRAM [CASE...]" >&2
	exit 2
fi
walk=$(realpath "$1") program=$(realpath "$2")
shift 2
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-faults.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
export OPENBLAS_NUM_THREADS=1 # as many as the program lets it use anyway; none are started at each run

rows() { awk -v n="$1" -f "$root/tests/cli/rows.awk"; }
quick=(-q --preset fast --hidden 4)

# Two models of which one replaces the other, and rows: few to train on, and more than one read of a file brings.
mkdir "$work/made"
rows 60 >"$work/made/rows.csv"
rows 400 >"$work/made/more.csv"
rows 24000 >"$work/made/many.csv"
printf '%s\n' 'preset = fast' 'hidden = 4' 'epochs = 1' >"$work/made/fast.conf"
(
	cd "$work/made" &&
		"$program" "${quick[@]}" --epochs 1 -o model.safetensors rows.csv &&
		"$program" "${quick[@]}" --epochs 1 --seed 2 -o older.safetensors rows.csv &&
		"$program" "${quick[@]}" --members 2 --epochs 1 -o members.safetensors more.csv
) >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }

# case NAME FILES BEFORE ARGUMENT...: a case with those files of made/ in in/ (a:b copies a as b), and in before/.
names=()
new_case()
{
	local folder=$work/$1 pair
	names+=("$1")
	mkdir -p "$folder"/{in,before,out,tmp}
	for pair in $2; do cp "$work/made/${pair%:*}" "$folder/in/${pair#*:}"; done
	for pair in $3; do cp "$work/made/${pair%:*}" "$folder/before/${pair#*:}"; done
	shift 3
	printf '%s\n' "$@" >"$folder/arguments"
}
over='older.safetensors:model.safetensors'
new_case train rows.csv "$over" "${quick[@]}" --epochs 2 --threads 1 --json out/report.json --predictions out/scored.csv \
	--log out/log -o out/model.safetensors in/rows.csv
new_case train-members rows.csv "$over" "${quick[@]}" --epochs 2 --threads 2 --members 2 -o out/model.safetensors in/rows.csv
new_case train-pipe rows.csv:stdin "$over" "${quick[@]}" --epochs 1 --threads 1 -o out/model.safetensors -
new_case train-config "rows.csv fast.conf" "" --config in/fast.conf -q --no-model --threads 1 --test in/rows.csv in/rows.csv
new_case compare more.csv '' compare "${quick[@]}" --epochs 1 --folds 2 --repeats 1 --threads 1 --json out/report.json \
	--curves out/curves.csv in/more.csv
new_case cv more.csv '' cv "${quick[@]}" --epochs 1 --folds 2 --repeats 1 --threads 2 --predictions out/scored.csv \
	--log out/log in/more.csv
new_case predict 'model.safetensors rows.csv' 'rows.csv:scored.csv' predict -q -o out/scored.csv in/model.safetensors in/rows.csv
new_case predict-twice 'members.safetensors more.csv' '' predict -q --threads 2 --prior estimate --threshold top:5 \
	in/members.safetensors in/more.csv
new_case predict-many 'model.safetensors many.csv' 'rows.csv:scored.csv' predict -q --threads 2 -o out/scored.csv \
	in/model.safetensors in/many.csv
new_case evaluate 'model.safetensors more.csv' '' evaluate -q --require 'ap>=0,recall>=0' --json out/report.json \
	in/model.safetensors in/more.csv
new_case evaluate-move 'model.safetensors more.csv' "$over" evaluate -q --threshold 'recall>=0.5' -o out/model.safetensors \
	in/model.safetensors in/more.csv
new_case inspect model.safetensors '' inspect --json out/report.json in/model.safetensors

# Runs one case, in its folder.
run_case()
{
	local arguments
	cd "$1" || exit 1
	mapfile -t arguments <arguments
	# shellcheck disable=SC2086 # FAULTS is a list
	"$walk" "$(basename "$1")" ${FAULTS:-} -- "${arguments[@]}" >result 2>&1 || echo "FAILED  $1: exit $?" >>result
}
export -f run_case
export walk FAULTS
[ $# -gt 0 ] && names=("$@")
printf "$work/%s\n" "${names[@]}" | xargs -P "${JOBS:-2}" -I{} bash -c 'run_case {}'

for name in "${names[@]}"; do cat "$work/$name/result"; done | awk '
/ passed, [0-9]+ failed$/ {
	passed[$2] += $3
	failed[$2] += $5
	all_passed += $3
	all_failed += $5
	next
}
{ print }
/^FAILED  .*: exit / { all_failed++ }
END {
	for (fault in passed)
		printf "%-18s %6d passed, %d failed\n", fault, passed[fault], failed[fault] | "sort"
	close("sort")
	printf "faults: %d passed, %d failed\n", all_passed, all_failed
	exit all_failed > 0 || all_passed == 0
}'

#!/bin/bash
# Lets the calls of the program fail, one after the other: tests/run-faults.sh WALK PROGRAM [CASE...]
#
# WALK is tests/faults/walk.c linked with the program, PROGRAM the same program without faults. FAULTS names the faults
# that are tried (all of the table); "pairs" are two calls of any kind that fail within a window. DENSE=N tries the first
# N calls of a kind each and then ever fewer. JOBS is how many cases run at once. All is done in memory where there is
# /dev/shm, unless TMPDIR names a place, since a disk takes longer to sync than the program to run.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -lt 2 ]; then
	echo "usage: tests/run-faults.sh WALK PROGRAM [CASE...]" >&2
	exit 2
fi
walk=$(realpath "$1") program=$(realpath "$2")
shift 2
room=/tmp
if [ -w /dev/shm ]; then room=/dev/shm; fi
work=$(mktemp -d "${TMPDIR:-$room}/fltrain-faults.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

rows() { awk -v n="$1" -f "$root/tests/cli/rows.awk"; }
quick=(-q --preset fast --hidden 4)

# Two models of which one replaces the other, and rows: few to train on, as many as folds and as an estimate of the prior
# take, and more than one read of a file brings.
mkdir "$work/made"
rows 60 >"$work/made/rows.csv"
rows 120 >"$work/made/folds.csv"
rows 400 >"$work/made/more.csv"
rows 12000 >"$work/made/many.csv"
gzip -n <"$work/made/rows.csv" >"$work/made/rows.csv.gz"
printf '%s\n' 'preset = fast' 'hidden = 4' 'epochs = 1' >"$work/made/fast.conf"
echo '<meta name="generator" content="fltrain">' >"$work/made/older.html"
(
	cd "$work/made" &&
		"$program" "${quick[@]}" --epochs 1 -o model.safetensors rows.csv &&
		"$program" "${quick[@]}" --epochs 1 --seed 2 -o older.safetensors rows.csv &&
		"$program" "${quick[@]}" --members 2 --epochs 1 -o members.safetensors more.csv &&
		"$program" "${quick[@]}" --epochs 1 --no-model --cache . rows.csv &&
		"$program" "${quick[@]}" --epochs 1 --no-model --json report.json rows.csv
) >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
# A training that cannot leave its report leaves its last checkpoint.
state=("${quick[@]}" --epochs 2 --batch 16 --threads 1)
(cd "$work/made" && "$program" "${state[@]}" --checkpoint state --no-model --json /dev/full rows.csv) >"$work/log" 2>&1
[ -s "$work/made/state" ] || { cat "$work/log" && exit 1; }

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
	--report out/page.html --log out/log -o out/model.safetensors in/rows.csv
new_case train-members rows.csv "$over" "${quick[@]}" --epochs 2 --threads 2 --members 2 -o out/model.safetensors in/rows.csv
new_case train-pipe rows.csv:stdin "$over" "${quick[@]}" --epochs 1 --threads 1 -o out/model.safetensors -
new_case train-checkpoint rows.csv "$over" "${state[@]}" --checkpoint out/state -o out/model.safetensors in/rows.csv
# A network of which some arrays are kept in a file; its prepared rows are put there, and found.
wide=(-q --preset fast --hidden "600,600" --batch 64 --epochs 1 --threads 1)
new_case train-cache rows.csv "$over" "${wide[@]}" --cache out -o out/model.safetensors in/rows.csv
new_case train-cached rows.csv "$over rows.safetensors" "${wide[@]}" --cache out -o out/model.safetensors in/rows.csv
new_case train-resume rows.csv "$over state" "${state[@]}" --resume out/state -o out/model.safetensors in/rows.csv
new_case train-config "rows.csv fast.conf" "" --config in/fast.conf -q --no-model --threads 1 --test in/rows.csv in/rows.csv
new_case compare folds.csv '' compare "${quick[@]}" --epochs 1 --folds 2 --repeats 1 --threads 1 --report out/page.html \
	--curves out/curves.csv in/folds.csv
new_case cv folds.csv '' cv "${quick[@]}" --epochs 1 --folds 2 --repeats 1 --threads 2 --predictions out/scored.csv \
	--json out/report.json --log out/log in/folds.csv
new_case cv-checkpoint rows.csv '' cv "${state[@]}" --batch 64 --validation-fraction 0 --folds 2 --repeats 1 \
	--checkpoint out/state --log out/log in/rows.csv
new_case check 'rows.csv folds.csv' 'rows.csv:suspects.csv' check -q --threads 2 --test in/rows.csv --require 'rows>=1' \
	--json out/report.json --suspects out/suspects.csv in/folds.csv
# So many rows that labels are looked at, and trainings tell what more would bring. It takes too long for CI.
if [ -z "${DENSE:-}" ]; then new_case check-more 'more.csv' '' check -q --threads 2 in/more.csv; fi
new_case predict 'model.safetensors rows.csv' 'rows.csv:scored.csv' predict -q -o out/scored.csv in/model.safetensors in/rows.csv
new_case predict-twice 'members.safetensors more.csv' '' predict -q --threads 2 --prior estimate --threshold top:5 \
	in/members.safetensors in/more.csv
new_case predict-reasons 'members.safetensors rows.csv' 'rows.csv:scored.csv' predict -q --threads 2 --reasons 2 \
	--json out/report.json -o out/scored.csv in/members.safetensors in/rows.csv
new_case predict-many 'model.safetensors many.csv' 'rows.csv:scored.csv' predict -q --threads 2 -o out/scored.csv \
	in/model.safetensors in/many.csv
new_case evaluate 'model.safetensors more.csv' '' evaluate -q --require 'ap>=0,recall>=0' --json out/report.json \
	in/model.safetensors in/more.csv
new_case evaluate-move 'model.safetensors more.csv' "$over" evaluate -q --threshold 'recall>=0.5@50' -o out/model.safetensors \
	in/model.safetensors in/more.csv
new_case report report.json 'older.html:page.html' report -q -o out/page.html in/report.json
new_case report-pipe report.json:stdin '' report -o - -
new_case explain 'model.safetensors more.csv' 'rows.csv:report.json' explain -q --threads 2 --repeats 1 --sample 100 \
	--group-columns age,kind --json out/report.json --report out/page.html in/model.safetensors in/more.csv
new_case inspect model.safetensors '' inspect --json out/report.json --card out/card.md in/model.safetensors
new_case export 'model.safetensors more.csv' '' export -q --precision int8 -o out/export.c in/model.safetensors

new_case predict-gzip 'model.safetensors rows.csv.gz' '' predict -q in/model.safetensors in/rows.csv.gz

# A disk with ever more room, 4 KiB at a time, until the command succeeds: walk_disk NAME MOST COMMAND... in disk/, which
# is a small file system of its own that holds a model before. Its temporary files go there, too.
walk_disk()
{
	local name=$1 most=$2 room=0 status passed=0 failed=0 wrong
	shift 2
	mkdir -p disk
	mount -t tmpfs -o size=$((most * 4))k,mode=700 none disk || exit 1
	while [ $room -le "$most" ]; do
		rm -f disk/*
		cp "$work/made/older.safetensors" disk/model.safetensors
		head -c $((most * 4096)) /dev/zero >disk/fill 2>/dev/null
		truncate -s $(($(stat -c %s disk/fill) - room * 4096)) disk/fill 2>/dev/null || break
		TMPDIR=disk "$@" >disk.out 2>disk.err
		status=$?
		[ $status -eq 0 ] && break
		wrong=
		[ $status -eq 1 ] || wrong="exit $status"
		grep -qx 'fltrain: .*: No space left on device' disk.err && [ "$(wc -l <disk.err)" -eq 1 ] || wrong="its message"
		cmp -s "$work/made/older.safetensors" disk/model.safetensors || wrong="the older model"
		[ "$(ls -A disk)" = "$(printf 'fill\nmodel.safetensors')" ] || wrong='what it left'
		if [ -n "$wrong" ]; then
			failed=$((failed + 1))
			echo "FAILED  $name full-disk, with room for $room pages: $wrong"
			cat disk.err
		else
			passed=$((passed + 1))
		fi
		room=$((room + 1))
	done
	if [ "$status" -ne 0 ]; then echo "FAILED  $name full-disk: exit $status"; fi
	umount disk
	echo "$name full-disk $passed passed, $failed failed"
}
walk_disks()
{
	local quick=(-q --preset fast --hidden 4)
	cd "$work" || exit 1
	walk_disk disk-train 24 "$program" "${quick[@]}" --epochs 1 --threads 1 --json disk/report.json -o disk/model.safetensors \
		made/rows.csv
	walk_disk disk-pipe 24 sh -c "cat made/more.csv | '$program' ${quick[*]} --epochs 1 --threads 1 --no-model -"
}
# Calls that can fail and that tests/faults/inject.c knows nothing of. (mkdtemp is called by export --verify alone, which
# starts a compiler, too slow to walk; tests/cli/export-errors lets it fail.)
unknown=$(nm -D -u "$program" | awk '{ sub(/@.*/, "", $2); print $2 }' | grep -xE \
	'openat|creat|unlinkat|remove|readv|preadv|pread64|writev|pwritev?|truncate|ftruncate|link|symlink(at)?|renameat2?|mkdirat|mkstemps?|tmpfile|freopen|f?open64|mmap64|madvise|fdatasync|sendfile|copy_file_range|lstat|fstatat')
if [ -n "$unknown" ]; then
	echo "FAILED  tests/faults/inject.c lets these calls not fail, though the program makes them: ${unknown//$'\n'/, }"
	echo "faults: 0 passed, 1 failed"
	exit 1
fi

# Runs one case, in its folder.
run_case()
{
	local arguments
	cd "$1" || exit 1
	mapfile -t arguments <arguments
	# shellcheck disable=SC2086 # FAULTS is a list
	"$walk" "$(basename "$1")" ${FAULTS:-} -- "${arguments[@]}" >result 2>&1 || echo "FAILED  $1: exit $?" >>result
}
export -f run_case walk_disk walk_disks
export walk work program FAULTS
all=yes
if [ -n "${FAULTS:-}" ]; then all=no; fi
if [ $# -gt 0 ]; then all=no names=("$@"); fi
printf "$work/%s\n" "${names[@]}" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'run_case {}'

if [ $all = yes ]; then
	mkdir "$work/disks"
	if unshare -rm mount -t tmpfs none "$work/disks" 2>/dev/null; then
		unshare -rm bash -c walk_disks >"$work/disks/result" 2>&1
	else
		echo "skipped full-disk: a small file system cannot be mounted here" >"$work/disks/result"
	fi
	names+=(disks)
fi
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

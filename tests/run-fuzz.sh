#!/bin/bash
# Runs harnesses that are linked with libFuzzer, JOBS (or as many as there are cores) at a time:
#	tests/run-fuzz.sh BUILD SECONDS HARNESS...
# Or copies into the tree what they found worth keeping: tests/run-fuzz.sh --keep BUILD HARNESS...
#
# Each starts from tests/fuzz/HARNESS and from what earlier runs found (BUILD/corpus/HARNESS), and looks for inputs that
# reach new code or break a promise; those go to BUILD, never into the tree. Prints how many inputs were tried, what
# they reached, and where those that failed are kept.

keep=
if [ "$1" = --keep ]; then
	keep=$1 build=$2
else
	build=$1 seconds=$2
fi
shift 2

# A large input is slow and rarely finds more than a small one.
declare -A longest=([number]=1200 [rules]=2100 [texts]=400 [config]=1000 [table]=4000 [stream]=4000 [model]=16000
	[safetensors]=4000 [checkpoint]=6000 [onnx]=6000)

# fuzz HARNESS: its output is the log, its exit code that of libFuzzer.
fuzz()
{
	local name=$1
	mkdir -p "$build/corpus/$name" "$build/crashes"
	UBSAN_OPTIONS=print_stacktrace=1 "$build/$name" -max_total_time="$seconds" -max_len="${longest[$name]:-4096}" \
		-timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -dict="tests/fuzz/$name.dict" \
		-artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" "tests/fuzz/$name" >"$build/$name.log" 2>&1
}

# stat LOG NAME: a figure of libFuzzer's last lines.
stat()
{
	sed -n "s/^stat::$2: *//p" "$1" | tail -n 1
}

# reached LOG NAME: edges or features in the last line that has them.
reached()
{
	sed -nE "s/.* $2: ([0-9]+).*/\1/p" "$1" | tail -n 1
}

# keep HARNESS: of what was found, the inputs that reach an edge which neither the tree's nor smaller ones reach, as
# long as the folder stays below 80 kB. The control file of a merge lists the files, those of the first folder in front
# and the rest by size, and behind COV the edges that are new with each.
keep()
{
	local name=$1 list=$build/$1.merge
	rm -rf "$list" "$list.tree"
	cp -r "tests/fuzz/$name" "$list.tree"
	"$build/$name" -merge=1 -merge_control_file="$list" "$list.tree" "$build/corpus/$name" >"$build/$name.log" 2>&1
	awk 'NR == 1 { n = $1 } NR == 2 { n_tree = $1 } NR > 2 && NR <= n + 2 { name[NR - 3] = $0 }
		$1 == "COV" && NF > 2 && $2 >= n_tree { print name[$2] }' "$list" |
		while read -r input && [ "$(cat "$input" "tests/fuzz/$name"/* | wc -c)" -lt 80000 ]; do
			cp "$input" "tests/fuzz/$name"
		done
	printf '%-12s %3d files, %6d bytes\n' "$name" "$(find "tests/fuzz/$name" -type f | wc -l)" \
		"$(cat "tests/fuzz/$name"/* | wc -c)"
}

if [ "$keep" ]; then
	for name in "$@"; do keep "$name"; done
	exit
fi

passed=0 failed=0 n_jobs=${JOBS:-$(nproc)}
while [ $# -gt 0 ]; do
	together=("${@:1:n_jobs}") processes=()
	shift ${#together[@]}
	for name in "${together[@]}"; do
		fuzz "$name" &
		processes+=($!)
	done
	for i in "${!together[@]}"; do
		name=${together[i]} log=$build/${together[i]}.log
		if wait "${processes[i]}"; then
			passed=$((passed + 1)) verdict=ok
		else
			failed=$((failed + 1)) verdict=FAILED
		fi
		printf '%-7s %-12s %10s executions, %6s a second; %5s edges, %6s features reached\n' "$verdict" "$name" \
			"$(stat "$log" number_of_executed_units)" "$(stat "$log" average_exec_per_sec)" \
			"$(reached "$log" cov)" "$(reached "$log" ft)"
		[ $verdict = ok ] && continue
		grep -E 'broken promise|runtime error|ERROR: |SUMMARY: |Assertion|Test unit written to' "$log" | sed 's/^/    /'
		grep -q 'Test unit written to' "$log" || tail -n 5 "$log" | sed 's/^/    /'
	done
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/sh
# Runs the command line tests: tests/run-cli.sh PROGRAM [CASE...]
#
# A case is a folder of tests/cli with
#   cmd      a shell snippet, run in a fresh empty folder; $FLTRAIN is the program, $ROOT the repository, stdin is empty;
#            one that cannot be run on this machine says why on stderr and exits with 77
#   stdout   the exact output; no file: none
#   stderr   the same
#   status   the exit code; no file: 0
#   mask     a sed script that both outputs pass through first (times, for example); optional
#   limit    the most seconds it may take, where LIMIT is too short on a busy machine; optional
#   keep     a note on why UPDATE=1 must not touch what this case expects; optional
# The repository's own path is shown as $ROOT in what is compared. UPDATE=1 writes what came out as what is expected.
# REPORTS is a folder that takes the JSON reports that cases leave, for check-schemas.
# CASES is the folder with the cases, JOBS how many run at once, LIMIT the most seconds of one.

limit=${LIMIT:-120}

# They start first, since at the end one of them would run alone.
longest='readme-commands interrupted-unread cache check-faults demo interrupted-waiting data-grows report-memory python-frames
order-blocks progress wide-table predict-reasons study-resume'

# Runs one case in its own folder; the result is $results/NAME.{passed,failed}.
run_case()
{
	name=$1
	case_folder=$CASES/$name
	[ ! -f "$case_folder/limit" ] || limit=$(cat "$case_folder/limit")
	work=$RESULTS/$name.work
	mkdir "$work" "$work/in" || exit 1
	(
		cd "$work/in" || exit 1
		unset COLUMNS CASES RESULTS REPORTS UPDATE JOBS LIMIT BUILD OPTIMIZE SYMBOLS SANITIZE # the last from make
		# Python's lines come in their order among those of others, and nothing is left in the tree.
		export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
		unset CC FLTRAIN_LIBRARY FLTRAIN_PROGRAM
		# The whole may run under nohup, which ignores SIGHUP.
		LC_ALL=C TERM=dumb NO_COLOR=1 timeout "$limit" env --default-signal=HUP sh "$case_folder/cmd" </dev/null >../out 2>../err
		echo $? >../status
	)
	if [ "$(cat "$work/status")" = 77 ]; then
		mv "$work/err" "$RESULTS/$name.skipped"
		rm -rf "$work"
		return
	fi
	for stream in out err; do
		sed -E "s#(^|[^[:alnum:]_./-])$ROOT/#\1\$ROOT/#g" "$work/$stream" >"$work/$stream.rooted"
		if [ -f "$case_folder/mask" ]; then
			sed -f "$case_folder/mask" "$work/$stream.rooted" >"$work/$stream"
		else
			mv "$work/$stream.rooted" "$work/$stream"
		fi
	done
	if [ -n "$UPDATE" ] && [ ! -f "$case_folder/keep" ]; then
		write_expected "$work/out" "$case_folder/stdout"
		write_expected "$work/err" "$case_folder/stderr"
		rm -f "$case_folder/status"
		[ "$(cat "$work/status")" = 0 ] || cp "$work/status" "$case_folder/status"
	fi
	result=passed
	{
		compare "$case_folder/stdout" "$work/out" stdout
		compare "$case_folder/stderr" "$work/err" stderr
		[ -f "$case_folder/status" ] || echo 0 >"$work/expected-status"
		[ -f "$case_folder/status" ] && cp "$case_folder/status" "$work/expected-status"
		compare "$work/expected-status" "$work/status" status
		[ "$(cat "$work/status")" != 124 ] || echo "it took more than $limit s, which is never right"
	} >"$RESULTS/$name.log"
	[ -s "$RESULTS/$name.log" ] && result=failed
	mv "$RESULTS/$name.log" "$RESULTS/$name.$result"
	chmod -R u+rwX "$work"
	[ -z "$REPORTS" ] || keep_reports
	rm -rf "$work"
}

# Copies what the case left of JSON reports.
keep_reports()
{
	mkdir -p "$REPORTS/$name"
	grep -rlZ -D skip -m 1 '^{"schema":"fltrain\.' "$work/in" | xargs -0 -r cp --backup=numbered -t "$REPORTS/$name"
}

write_expected()
{
	rm -f "$2"
	if [ -s "$1" ]; then cp "$1" "$2"; fi
}

# Prints the difference from an expected file (none: empty) to what came out.
compare()
{
	expected=$1
	[ -f "$expected" ] || expected=/dev/null
	cmp -s "$expected" "$2" || diff -u --label "expected $3" --label "actual $3" "$expected" "$2"
}

if [ "$1" = --one ]; then
	run_case "$2"
	exit 0
fi

if [ $# -eq 0 ]; then
	echo "usage: tests/run-cli.sh PROGRAM [CASE...]" >&2
	exit 2
fi
ROOT=$(cd "$(dirname "$0")/.." && pwd)
self=$ROOT/tests/run-cli.sh
FLTRAIN=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
CASES=$(cd "${CASES:-$ROOT/tests/cli}" && pwd)
RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-cli.XXXXXX") || exit 1
trap 'rm -rf "$RESULTS"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ -n "$REPORTS" ]; then
	rm -rf "$REPORTS"
	mkdir -p "$REPORTS" || exit 1
	REPORTS=$(cd "$REPORTS" && pwd)
fi
export ROOT FLTRAIN CASES RESULTS UPDATE LIMIT REPORTS
if [ ! -x "$FLTRAIN" ]; then
	echo "$FLTRAIN is no program; build it first" >&2
	exit 1
fi
shift

if [ $# -gt 0 ]; then
	printf '%s\n' "$@"
else
	# shellcheck disable=SC2086 # a list
	longest=$(printf '%s\n' $longest)
	echo "$longest" | while read -r name; do [ ! -e "$CASES/$name/cmd" ] || echo "$name"; done
	find "$CASES" -mindepth 2 -maxdepth 2 -name cmd | sed 's|/cmd$||; s|.*/||' | grep -vxF "$longest" | sort
fi >"$RESULTS/names"
xargs -P "${JOBS:-$(nproc)}" -n 1 "$self" --one <"$RESULTS/names"

passed=0 failed=0
while read -r name; do
	if [ -f "$RESULTS/$name.passed" ]; then
		passed=$((passed + 1))
	elif [ -f "$RESULTS/$name.skipped" ]; then
		echo "skipped $name: $(cat "$RESULTS/$name.skipped")"
	else
		failed=$((failed + 1))
		echo "FAILED $name"
		[ -f "$RESULTS/$name.failed" ] && cat "$RESULTS/$name.failed"
	fi
done <"$RESULTS/names"
echo "cli: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

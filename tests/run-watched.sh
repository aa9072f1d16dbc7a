#!/bin/bash
# Runs tests under a tool that watches memory or threads: tests/run-watched.sh tsan|valgrind PROGRAM [UNIT TEST...]
#
# PROGRAM goes through the command line tests, CASES of them or all; for tsan it is built with ThreadSanitizer. What the
# tool reports lands in a case's stderr or in its exit code, and so fails it.
set -u
if [ $# -lt 2 ]; then
	echo "usage: tests/run-watched.sh tsan|valgrind PROGRAM [UNIT TEST...]" >&2
	exit 2
fi
tests=$(cd "$(dirname "$0")" && pwd)
tool=$1 program=$(realpath "$2")
shift 2
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-watched.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# Cases that need the pace, or the signals, of a program that is not watched: ThreadSanitizer keeps a signal until its
# thread makes a call, which one that computes does not; under valgrind a second is over before there is work to break.
# One takes TMPDIR away, where valgrind keeps files of its own, and one trains for as long as a user would.
# What talks to the program or the library gives up when an answer takes too long.
unfit='train-interrupted|predict-interrupted|interrupted-waiting|cpu-limit|train-resume-nan|train-resume-elsewhere|temporary-folder|readme-commands|predict-follow|python|python-frames'
read -ra cases <<<"${CASES:-$(cd "$tests/cli" && printf '%s\n' */cmd | sed 's|/cmd||' | grep -vxE "$unfit" | xargs)}"
unset CASES

case $tool in
tsan)
	# OpenBLAS is not instrumented, but its calls touch only what the caller owns: nothing of it is suppressed.
	export TSAN_OPTIONS='exitcode=66'
	;;
valgrind)
	# Blocks that are still reachable at the end belong to libraries.
	printf '#!/bin/sh\nexec valgrind -q --error-exitcode=97 --leak-check=full --errors-for-leak-kinds=definite %s "$@"\n' \
		"$program" >"$work/fltrain"
	chmod +x "$work/fltrain"
	program=$work/fltrain
	;;
*)
	echo "$tool is neither tsan nor valgrind" >&2
	exit 2
	;;
esac
{
	[ $# -eq 0 ] || "$tests/run-unit.sh" "$@"
	LIMIT=${LIMIT:-1800} "$tests/run-cli.sh" "$program" "${cases[@]}"
} 2>&1 | tee "$work/log" | grep -vE '^(unit|cli): '
awk -v tool="$tool" '
/^(unit|cli): [0-9]+ passed, [0-9]+ failed$/ { passed += $2; failed += $4 }
END { printf "%s: %d passed, %d failed\n", tool, passed, failed; exit failed > 0 || passed == 0 }' "$work/log"

#!/bin/sh
# Runs the unit test programs given, JOBS at once (as many as there are cores), and adds up what Check counts. Fails if
# any test fails or none ran.
export CK_DEFAULT_TIMEOUT=60 # seconds a test may take where it says nothing else: four are few on a busy machine

# Runs one program: its exit code and the seconds it took go into $RESULTS/NAME.status, what it prints into $RESULTS/NAME.
if [ "$1" = --one ]; then
	name=$(basename "$2")
	started=$(date +%s)
	"$2" >"$RESULTS/$name" 2>&1
	echo "$? $(($(date +%s) - started))" >"$RESULTS/$name.status"
	exit 0
fi

RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-unit.XXXXXX") || exit 1
trap 'rm -rf "$RESULTS"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export RESULTS

# They start first, since at the end one of them would run alone.
longest='/test_(shared_reading|block_records|memory|scoring_ranks|check|page|curves|team|compare|study_checkpoint|detector_file)$'
{
	printf '%s\n' "$@" | grep -E "$longest"
	printf '%s\n' "$@" | grep -vE "$longest"
} | xargs -r -P "${JOBS:-$(nproc)}" -n 1 "$0" --one

passed=0 failed=0
for program in "$@"; do
	name=$(basename "$program")
	read -r status seconds <"$RESULTS/$name.status"
	counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$RESULTS/$name" | tail -n 1)
	read -r checks failures errors <<-END
		${counts:-1 0 1}
	END
	bad=$((failures + errors))
	if [ "${status:-1}" -ne 0 ] && [ $bad -eq 0 ]; then bad=1; fi
	passed=$((passed + checks - bad)) failed=$((failed + bad))
	printf '%-28s %4d passed, %d failed, %d s\n' "$name" $((checks - bad)) $bad "$seconds"
	[ $bad -eq 0 ] || cat "$RESULTS/$name"
done
echo "unit: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]

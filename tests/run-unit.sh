#!/bin/sh
# Runs each unit test program given and adds up what Check counts. Fails if any test fails or none ran.
export CK_DEFAULT_TIMEOUT=60 # seconds a test may take where it says nothing else: four are few on a busy machine
passed=0 failed=0
for program in "$@"; do
	output=$("$program" 2>&1)
	status=$?
	counts=$(printf '%s\n' "$output" | sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' | tail -n 1)
	read -r checks failures errors <<-END
		${counts:-1 0 1}
	END
	bad=$((failures + errors))
	if [ $status -ne 0 ] && [ $bad -eq 0 ]; then bad=1; fi
	passed=$((passed + checks - bad)) failed=$((failed + bad))
	printf '%-28s %4d passed, %d failed\n' "$(basename "$program")" $((checks - bad)) $bad
	[ $bad -eq 0 ] || printf '%s\n' "$output"
done
echo "unit: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]

#!/bin/bash
# Sourced by scripts that count which commands succeed; $work is their folder.
passed=0 failed=0

check() # WHAT COMMAND...: passes if the command does; shows the end of what it printed otherwise
{
	local what=$1
	shift
	if "$@" >"${work:?}/log" 2>&1; then
		passed=$((passed + 1))
		echo "ok      $what"
	else
		failed=$((failed + 1))
		echo "FAILED  $what"
		tail -n 30 "$work/log"
	fi
}

# counted NAME: the last line, "NAME: N passed, M failed". Fails if any did.
counted()
{
	echo "$1: $passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

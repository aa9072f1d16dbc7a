#!/bin/bash
# The seconds since 1970 that the files of a package bear: those of SOURCE_DATE_EPOCH, or the day that the list of changes
# gives VERSION: configs/packages/epoch.sh VERSION
set -eu
changes=$(dirname "$0")/../../.github/CHANGELOG.md
day=$(sed -n "s/^## ${1//./\\.} (\([0-9-]*\))\$/\1/p" "$changes")
if [ -z "$day" ]; then
	echo "$changes: has no line \"## $1 (YEAR-MONTH-DAY)\", whose day packages bear: add it, or mend VERSION in the Makefile" >&2
	exit 1
fi
echo "${SOURCE_DATE_EPOCH:-$(date -u -d "$day" +%s)}"

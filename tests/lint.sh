#!/bin/bash
# What a compiler does not check: tests/lint.sh LIBRARY PROGRAM
#
# Layers, what only one file may do, names of symbols, formatting, and static analysis. A tool that is not installed is
# said and its check skipped, or failed with STRICT=1. ROOT is the tree to look at (the tests of this script use it).

cd "${ROOT:-$(dirname "$0")/..}" || exit 1
library=$1 program=$2
if [ ! -f "$library" ] || [ ! -x "$program" ]; then
	echo "usage: tests/lint.sh LIBRARY PROGRAM (make lint builds them first)" >&2
	exit 2
fi
passed=0 failed=0 skipped=0
jobs=${JOBS:-$(nproc)} # how many files are looked at at once

# check NAME: passes if its input is empty, else shows it.
check()
{
	local problems
	problems=$(cat)
	if [ -z "$problems" ]; then
		passed=$((passed + 1))
		echo "ok      $1"
	else
		failed=$((failed + 1))
		echo "FAILED  $1"
		printf '%s\n' "$problems" | sed 's/^/    /'
	fi
}

# have TOOL NAME: whether it is there, else counts the check as skipped or failed.
have()
{
	command -v "$1" >/dev/null && return 0
	if [ -n "$STRICT" ]; then
		check "$2" <<<"$1 is not installed"
	else
		skipped=$((skipped + 1))
		echo "skipped $2: $1 is not installed"
	fi
	return 1
}

sources() { find src include tests data -name '*.[ch]' 2>/dev/null | sort; }

# Sources for what looks into headers of others: without that of MPI, which the plain program does without, not its user.
read -ra mpi < <(mpicc -show 2>/dev/null | grep -oE -- '-I[^ ]+' | tr '\n' ' ')
mpi_is_there() { "${CC:-gcc}" "${mpi[@]}" -include mpi.h -x c -E /dev/null >/dev/null 2>&1; }
whole_sources() { find "$@" -name '*.c' | sort | if mpi_is_there; then cat; else grep -v '^src/ranks/mpi\.c$'; fi; }

# The rooms of src/, bottom to top: a room includes from itself and from those before it.
rooms="base ranks container onnx csv table split prep nn eval audit detector export protocol report page cli"

# contents.h holds the structs behind a room's opaque handles: only that room may include it. Public headers name no
# private one. The command line reaches the library through what embedders get, through protocol/ and report/, and
# through texts and errors.
check_rooms()
{
	local files
	mapfile -t files < <(find src include/fltrain -name '*.[ch]' | sort)
	awk -v rooms="$rooms" '
	BEGIN {
		n = split(rooms, room, " ")
		for (i = 1; i <= n; i++)
			rank[room[i]] = i
	}
	FNR == 1 {
		split(FILENAME, part, "/")
		own = part[2]
		is_public = part[1] == "include"
		if (!is_public && !(own in rank))
			print FILENAME ": lies in a folder that is no room; see src/README.md"
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		n_parts = split(quoted[2], header, "/")
		at = FILENAME ":" FNR ": " quoted[2]
		if (n_parts != 2)
			print at " must be written with its folder"
		else if (header[1] == "fltrain")
			next
		else if (is_public)
			print at " is private"
		else if (!(header[1] in rank))
			print at " is in no room"
		else if (rank[header[1]] > rank[own])
			print at " belongs to " header[1] ", which stands above " own
		else if (header[2] == "contents.h" && header[1] != own)
			print at " is private to " header[1]
		else if (own == "cli" && header[1] !~ /^(cli|page|report|protocol|export|ranks)$/ && quoted[2] !~ /^base\/(error|text|character)\.h$/)
			print at " is below what cli may use"
	}' "${files[@]}"
}

# Two files of a room that need each other are one file: who calls whom is read off the objects, who includes whom off
# the sources.
check_circles()
{
	local room objects
	objects=$(dirname "$library")/src
	for room in $rooms; do
		{
			nm -A --defined-only "$objects/$room"/*.o | awk '{ n = split($1, p, /[\/:]/); print "defines", p[n - 1], $NF }'
			nm -A -u "$objects/$room"/*.o | awk '{ n = split($1, p, /[\/:]/); print "needs", p[n - 1] == "" ? p[n - 2] : p[n - 1], $NF }'
		} | awk '
		{ sub(/\.o.*/, "", $2) }
		$1 == "defines" { home[$3] = $2 }
		$1 == "needs" && $3 in home && home[$3] != $2 { print $2, home[$3] }' | sort -u |
			tsort 2>&1 >/dev/null | sed -n "s|^tsort: \([^-].*\)|src/$room/: \1|p" | grep -v 'input contains a loop'
	done
}

readme_most=12288 # bytes: what a person reads in one sitting

# The README is short, src/README.md names each room, and no page links to a file that is not there.
check_pages()
{
	local page room size target
	size=$(wc -c <README.md)
	[ "$size" -le $readme_most ] || echo "README.md: has $size bytes, at most $readme_most are allowed"
	for room in $(find src -mindepth 1 -maxdepth 1 -type d | sort); do
		grep -qF "| \`${room#src/}/\` |" src/README.md || echo "src/README.md: has no row for $room"
	done
	for page in $(find . -name '*.md' -not -path './build/*' | sort); do
		grep -oE '\]\([^)# ]+' "$page" | sed 's/^](//' | grep -vE '^[a-z]+:' | while read -r target; do
			[ -e "$(dirname "$page")/$target" ] || echo "${page#./}: links to $target, which does not exist"
		done
	done
}

# Chains of calls that can fail go on with FLT_TRY and FLT_TRY_OUT (base/error.h), not with ladders of ifs.
check_idiom()
{
	# shellcheck disable=SC2016
	find src -name '*.c' | sort | xargs awk '
	FNR == 1 { before = "" }
	before ~ /^[ \t]*(else )?if \(.*(!status|status == FLT_OK)/ && /^[ \t]*status =/ { print FILENAME ":" FNR ": a ladder: use FLT_TRY" }
	before ~ /!= FLT_OK\)( \{)?$/ && /^[ \t]*return (status|FLT_ERR_MACHINE);/ { print FILENAME ":" FNR ": use FLT_TRY" }
	FILENAME != "src/base/error.c" && before ~ /^[ \t]*if \((![a-z_.>-]+|status)\)( \{)?$/ && /^[ \t]*return (status|FLT_ERR_MACHINE);/ { print FILENAME ":" FNR ": use FLT_TRY or FLT_TRY_MEMORY" }
	/\(status = [^=]/ { print FILENAME ":" FNR ": an assignment in a condition: use FLT_TRY" }
	{ before = $0 }'
}

# only PATTERN FILES...: lines of src and include that match elsewhere.
only()
{
	local pattern=$1
	shift
	grep -rnE "$pattern" src include | grep -vE "^($(IFS='|' && echo "$*")):"
}

# uses NAMES EXCEPT: objects of the library that refer to one of the symbols (an extended regex), but for those named.
uses()
{
	nm -A -u "$library" 2>/dev/null | awk -v names="^($1)$" -v except="^($2)$" '{
		n = split($1, part, ":")
		object = part[n] == "" ? part[n - 1] : part[n]
		if ($NF ~ names && object !~ except)
			print object ": refers to " $NF
	}'
}

check_symbols()
{
	nm -A -g --defined-only "$library" | awk '$NF !~ /^flt_/ { print $1 " " $NF ": an external name without flt_" }'
}

# Each format that a source hands to printf's kin stands in that source.
check_formats()
{
	whole_sources src |
		xargs -P "$jobs" -n 1 "${CC:-gcc}" "${mpi[@]}" -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -DFLT_VERSION='"lint"' -Wformat=2 -fsyntax-only 2>&1 |
		grep -E 'Wformat|error:'
}

# Every public header compiles by itself.
check_headers()
{
	local header
	for header in include/fltrain/*.h; do
		${CC:-gcc} -std=c11 -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c "$header" 2>&1 | head -n 5
	done
}

# The analyzer's checks of pointers and values are left out: it cannot know that flt_fail returns what it is given, and
# sees a way around each error. The sanitizers and the walk through failing allocations look at these.
tidy_checks='-*,bugprone-*,cert-err34-c,misc-redundant-expression,misc-unused-parameters,performance-*,'
tidy_checks+='readability-duplicate-include,readability-misleading-indentation,clang-analyzer-deadcode.*,'
tidy_checks+='clang-analyzer-core.DivideZero,clang-analyzer-core.StackAddressEscape,clang-analyzer-unix.*,'
tidy_checks+='-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-sizeof-expression,'
tidy_checks+='-bugprone-reserved-identifier,-bugprone-implicit-widening-of-multiplication-result,'
tidy_checks+='-bugprone-assignment-in-if-condition,-bugprone-macro-parentheses,-bugprone-branch-clone,'
tidy_checks+='-bugprone-not-null-terminated-result,-bugprone-too-small-loop-variable'

# With fewer states of a function than the 225,000 it looks at by itself, the analyzer takes a quarter of the time; of faults
# planted in twenty files it found the same.
tidy()
{
	# shellcheck disable=SC2086
	clang-tidy --quiet --checks="$tidy_checks" "$@" -- $mpi_flags -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -DFLT_VERSION='"lint"' \
		-Xclang -analyzer-config -Xclang max-nodes=20000
}
export -f tidy
export mpi_flags="${mpi[*]}"
export tidy_checks

# Each finding on one line. Check's macros define names that no one declares, so the tests are left to the compiler.
check_tidy()
{
	# shellcheck disable=SC2016
	whole_sources src data 2>/dev/null | xargs -P "$jobs" -n 4 bash -c 'tidy "$@"' tidy 2>/dev/null |
		grep -E ' (warning|error): '
}

# What gcc's analyzer finds in sources, each finding on one line, but for what it cannot know:
analyzer_errs=(
	'src/table/table.c:.*dereference of NULL .\*table.columns' # n_columns is 0 as long as there are none
)
check_analyzer()
{
	local blas
	read -ra blas < <(pkg-config --cflags openblas)
	whole_sources src |
		xargs -P "$jobs" -n 1 gcc "${mpi[@]}" -std=c11 -D_GNU_SOURCE -pthread -O1 -Iinclude -Isrc -DFLT_VERSION='"lint"' "${blas[@]}" \
			-fanalyzer -S -o /dev/null 2>&1 |
		grep -E ' (warning|error): ' | grep -vE "$(printf '%s\n' "${analyzer_errs[@]}")"
}

# manual COMMAND...: hands each manual page to the command, and says of which page it complains.
manual()
{
	local page
	for page in '' $(sed -n 's/.*{.name = "\([a-z]*\)",/\1/p' src/cli/commands.c); do
		"$program" ${page:+"$page"} --help-manual | "$@" 2>&1 | sed "s/^/fltrain $page: /"
	done
	for page in configs/manual/*.5; do
		[ ! -e "$page" ] || "$@" <"$page" 2>&1 | sed "s|^|$page: |"
	done
}
through_man() { { man --warnings -l - >/dev/null; } 2>&1; }

check "rooms" < <(check_rooms)
check "no circles inside a room" < <(check_circles)
check "one idiom for failures" < <(check_idiom)
check "libcsv in csv/ only" < <(only '#[ \t]*include[ \t]*<csv\.h>' 'src/csv/[a-z_]*\.[ch]')
check "CBLAS in nn/blas.c only" < <(only '#[ \t]*include[ \t]*<cblas\.h>' 'src/nn/blas\.c')
check "MPI in ranks/mpi.c only" < <(only '#[ \t]*include[ \t]*<mpi\.h>' 'src/ranks/mpi\.c')
check "memory from base/alloc.c only" < <(
	uses 'malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|strn?dup|v?asprintf' 'alloc\.o'
)
check "the library neither prints nor exits" < <(
	uses '(__)?v?printf(_chk)?|puts|putchar|perror|stdout|stderr|_?exit|abort' ''
)
check "the library has no date, locale or chance of its own" < <(
	uses 's?rand(48|om)?|drand48|random|time|gettimeofday|setlocale' ''
)
check "nothing starts another program or finds one" < <(
	grep -rnE '\<(system|popen|v?fork|exec(l|lp|le|v|vp|vpe))[ \t]*\(' src include
	only '\<posix_spawnp?[ \t]*\(' 'src/export/run\.c'
	only '\<(dlopen|dlsym)[ \t]*\(' 'src/nn/blas\.c'
)
check "formats are literals" < <(check_formats)
check "external names open with flt_" < <(check_symbols)
check "public headers stand alone" < <(check_headers)
check "pages" < <(check_pages)
check "nothing left to do" < <(sources | xargs grep -nwE 'TODO|FIXME|XXX')
if have clang-format "formatting"; then
	check "formatting" < <(sources | xargs -P "$jobs" -n 16 clang-format --dry-run -Werror 2>&1 | grep 'error:')
fi
if have cppcheck "cppcheck"; then
	check "cppcheck" < <(
		cppcheck -q -j "$jobs" --std=c11 --enable=warning,performance,portability --inline-suppr -Iinclude -Isrc \
			-DFLT_VERSION='"lint"' --suppress=missingIncludeSystem --suppress=assertWithSideEffect \
			--template='{file}:{line}: {id}: {message}' src 2>&1
	)
fi
if have gcc "gcc -fanalyzer"; then
	check "gcc -fanalyzer" < <(check_analyzer)
fi
if have clang-tidy "clang-tidy"; then
	check "clang-tidy" < <(check_tidy)
fi
if have mandoc "manual pages"; then
	check "manual pages" < <(manual mandoc -T lint -W warning)
fi
if have man "manual pages in man"; then
	check "manual pages in man" < <(manual through_man)
fi
# A case is a snippet: its first line is no interpreter's, and its variables come from the runner.
if have shellcheck "shellcheck"; then
	check "shellcheck" < <(
		printf '%s\n' tests/*.sh tests/bench/*.sh .ci/run configs/completion/fltrain.bash configs/packages/*.sh \
			configs/packages/debian/tests/[!c]* | xargs -P "$jobs" -n 4 shellcheck -x -f gcc
		printf '%s\n' tests/cli/*/cmd tests/cli/*.sh | xargs -P "$jobs" -n 16 \
			shellcheck -f gcc -S warning -s sh -e SC1091,SC1113,SC2034,SC2096,SC2154,SC2238
	)
fi
echo "lint: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

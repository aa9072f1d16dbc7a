#!/bin/bash
# What the tests reached, as gcov counted it: tests/coverage.sh BUILD, where BUILD holds the objects and their counts.
#
# A line counts if it ran, a branch if it was taken, in any object that the source is part of; those of failing asserts
# are left to count as never taken.
if [ $# -ne 1 ] || [ ! -d "$1/src" ]; then
	echo "usage: tests/coverage.sh BUILD (make coverage builds it first)" >&2
	exit 2
fi
find "$1/src" -name '*.gcda' | sort | xargs gcov -b -n 2>/dev/null | awk '
/^File / {
	file = $2
	gsub(/\047/, "", file)
}
/^Lines executed:/ { note(lines, n_lines) }
/^Taken at least once:/ { note(branches, n_branches) }
/^(Calls executed|No calls)/ { file = "" }

# "Lines executed:97.50% of 80"
function note(reached, total,    share)
{
	if (file !~ /^src\//)
		return
	share = $0
	sub(/^[^:]*:/, "", share)
	sub(/%.*/, "", share)
	if (share * $NF / 100 >= reached[file]) {
		reached[file] = share * $NF / 100
		total[file] = $NF
	}
}

function row(name, reached, of, taken, branching)
{
	printf "%-10s %7d of %5d  %5.1f %%    %7d of %5d  %5.1f %%\n", name, reached, of, of ? 100 * reached / of : 0,
		taken, branching, branching ? 100 * taken / branching : 0
}

END {
	print "folder             lines                        branches"
	n = split("base data eval nn detector protocol report cli", folders, " ")
	for (file in n_lines) {
		split(file, part, "/")
		l[part[2]] += int(lines[file] + 0.5)
		nl[part[2]] += n_lines[file]
		b[part[2]] += int(branches[file] + 0.5)
		nb[part[2]] += n_branches[file]
	}
	for (i = 1; i <= n; i++) {
		f = folders[i]
		row(f, l[f], nl[f], b[f], nb[f])
		tl += l[f]; tnl += nl[f]; tb += b[f]; tnb += nb[f]
	}
	row("all", tl, tnl, tb, tnb)
	exit tnl == 0
}'

#!/usr/bin/python3
"""What the tests reached, as gcov counted it.

coverage.py BUILD               lines and branches of each folder; BUILD holds the objects and their counts
coverage.py BUILD SOURCE...     the branches of these files that no test takes; fails if there are any

A line counts if it ran, a branch if it was taken, in any object that the source is part of. Branches of `assert` are
not there where NDEBUG is set, and neither are those of FLT_ALWAYS (base/always.h) where FLT_COVERAGE is.
"""
import collections
import glob
import json
import subprocess
import sys


def read_counts(build):
    """For each source: line -> count, and line -> its branches' counts."""
    lines = collections.defaultdict(collections.Counter)
    branches = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    objects = sorted(glob.glob(f"{build}/src/**/*.gcno", recursive=True))
    if not objects:
        sys.exit(f"{build}/src holds no object that counts: make coverage or make check-branches builds them")
    gcov = subprocess.run(["gcov", "--branch-probabilities", "--stdout", "--json-format", *objects], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True)
    for text in gcov.stdout.splitlines():
        for source in json.loads(text)["files"]:
            for line in source["lines"]:
                lines[source["file"]][line["line_number"]] += line["count"]
                for i, branch in enumerate(line["branches"]):
                    branches[source["file"]][line["line_number"]][i] += branch["count"]
    return lines, branches


def n_taken(counts):
    return sum(count > 0 for count in counts)


def print_table(lines, branches):
    print("folder             lines                        branches")
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    for source in lines:
        if not source.startswith("src/"):
            continue
        counts = [count for line in branches[source].values() for count in line.values()]
        row = [n_taken(lines[source].values()), len(lines[source]), n_taken(counts), len(counts)]
        for name in (source.split("/")[1], "~all"):
            folders[name] = [a + b for a, b in zip(folders[name], row)]
    for name, (ran, n_lines, taken, n_branches) in sorted(folders.items()):
        print(f"{name.lstrip('~'):10} {ran:7} of {n_lines:5}  {100 * ran / max(n_lines, 1):5.1f} %    "
              f"{taken:7} of {n_branches:5}  {100 * taken / max(n_branches, 1):5.1f} %")


def check_source(source, branches):
    """Names the branches that were not taken; their number."""
    text = open(source, encoding="utf-8").read().splitlines()
    n_missing = 0
    for line, counts in sorted(branches.items()):
        missing = [i for i, count in sorted(counts.items()) if count == 0]
        n_missing += len(missing)
        if missing:
            which = ", ".join(str(i + 1) for i in missing)
            print(f"{source}:{line}: no test takes branch {which} of {len(counts)}: {text[line - 1].strip()}")
    return n_missing


def check(sources, lines, branches):
    failed = n_branches = 0
    for source in sources:
        n_branches += sum(len(counts) for counts in branches[source].values())
        if not n_taken(lines[source].values()):
            print(f"{source}: no test runs any of it")
            failed += 1
        else:
            failed += check_source(source, branches[source]) > 0
    print(f"branches: {len(sources) - failed} passed, {failed} failed (files, with {n_branches} branches)")
    return failed == 0 and len(sources) > 0


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: tests/coverage.py BUILD [SOURCE...]")
    lines, branches = read_counts(sys.argv[1])
    if len(sys.argv) == 2:
        print_table(lines, branches)
    elif not check(sys.argv[2:], lines, branches):
        sys.exit(1)


if __name__ == "__main__":
    main()

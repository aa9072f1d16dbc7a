#!/usr/bin/env python3
"""Trains on tables of many sizes and compares the memory that is taken with what was estimated before the training.

usage: tests/memory.py WATCHED BIG_TABLE [CASE...]   (WATCHED: the program linked with tests/memory.c)

What is taken is the most that is allocated at once from the estimate to the end of the command; it holds the table and
all else that is there when the estimate is made. A case passes if the estimate is within 20 % of what is taken, and if
the growth (both less what was there) is, or differs by less than a megabyte. The estimate may fall short by 3 % only.
Few epochs are trained, since an epoch allocates nothing, but as many as it takes for networks that train side by side to
meet. Resident memory, which is what the system counts, is to be at most 20 % and 12 MB above the estimate: the code, its
libraries and what the C library keeps for itself.

Prints a table, in MB, and "memory: N passed, M failed".
"""
import os
import random
import subprocess
import sys
import tempfile

MEGABYTE = 1024 * 1024
WITHIN, SHORT, FEW, OVERHEAD = 0.2, 0.03, 1, 12  # shares, and megabytes
# An interrupt just before the end would save more than the last checkpoint did, and has to find room for it.
LOOSE = {"checkpoint-pool": 0.5, "cv-checkpoint": 0.5, "study-checkpoint": 0.5}

NETWORK = "--recipe plain --members 1 --embedding none --dropout 0 --optimizer adam --patience 0 --test-fraction 0.3"
# name: (rows, columns beside the label, arguments)
CASES = {
    "speed": (284807, 30, f"{NETWORK} --validation-fraction 0 --hidden 64,32 --batch 256 --epochs 1"),
    "speed-wide": (284807, 30, f"{NETWORK} --validation-fraction 0 --hidden 256,256 --batch 4096 --epochs 1"),
    "speed-pool": (284807, 30, "--epochs 1"),
    "speed-one-thread": (284807, 30, "--epochs 1 --threads 1"),
    "speed-fast": (284807, 30, "--preset fast --epochs 1"),
    "speed-cv": (284807, 30, "cv --preset fast --epochs 1 --folds 3 --repeats 1"),
    "rows": (1000000, 10, f"{NETWORK} --hidden 64,32 --epochs 1"),
    "rows-pool": (1000000, 10, "--preset fast --epochs 1"),
    "columns-100": (100000, 100, f"{NETWORK} --hidden 64,32 --epochs 1"),
    "columns-300": (30000, 300, f"{NETWORK} --hidden 64,32 --epochs 1"),
    "columns-3000": (3000, 3000, "--preset fast --epochs 1"),
    "hidden-2048": (20000, 30, f"{NETWORK} --hidden 2048,2048 --epochs 1"),
    "hidden-512": (20000, 30, f"{NETWORK} --hidden 512,512 --batch 8192 --epochs 1 --threads 4"),
    "small-pool": (2000, 30, "--epochs 1"),
    "small-one": (2000, 30, f"{NETWORK} --epochs 1"),
    "pool-8-threads": (20000, 30, "--epochs 8 --threads 8"),
    "best": (20000, 30, "--preset best --epochs 1"),
    "steps": (50000, 60, "--recipe plain-steps --epochs 4"),
    "wide-steps": (2000, 1000, "--recipe plain-steps --epochs 1 --members 4"),
    "quantile": (100000, 30, "--recipe embedded-quantile --epochs 1"),
    "linear": (284807, 30, "--hidden none"),
    "checkpoint": (20000, 30, f"{NETWORK} --hidden 1024,1024 --epochs 1 --checkpoint state"),
    "checkpoint-pool": (20000, 30, "--epochs 8 --checkpoint state"),
    "weights": (100000, 30, "--weight weight --epochs 1 --members 5 --recipe plain"),
    "weights-cv": (30000, 30, "cv --weight weight --preset fast --epochs 1 --folds 3 --repeats 2"),
    "levels": (100000, 6, "--header yes --epochs 1 --recipe plain"),
    "levels-pool": (20000, 20, "--header yes --epochs 1"),
    "compare": (30000, 30, "compare --epochs 1 --folds 5 --repeats 1"),
    "cv-pool": (20000, 30, "cv --epochs 1 --folds 5 --repeats 1"),
    "cv-checkpoint": (20000, 30, "cv --recipe plain --members 1 --hidden 512,512 --epochs 2 --folds 5 --repeats 1 "
                                 "--checkpoint state"),
    "study-compare": (3000, 5, "compare --epochs 1 --hidden 2"),
    "study-rows": (20000, 5, "compare --epochs 1 --hidden 4 --repeats 2"),
    "study-folds": (600, 5, "compare --epochs 1 --hidden 2 --folds 50 --repeats 1"),
    "study-variants": (600, 5, "compare --epochs 1 --hidden 2 --folds 4 --repeats 1 --learning-curve"),
    "study-epochs": (600, 5, "cv --epochs 500 --hidden 2 --folds 3 --repeats 1 --log log"),
    "study-checkpoint": (600, 5, "cv --epochs 500 --hidden 2 --folds 3 --repeats 1 --checkpoint state"),
    "study-one-thread": (600, 5, "cv --epochs 100 --hidden 2 --folds 10 --threads 1"),
    "study-log": (600, 5, "--recipe plain --members 1 --hidden 2 --epochs 20000 --log log"),
    "cv-8-threads": (30000, 30, "cv --preset fast --epochs 1 --folds 5 --repeats 2 --threads 8"),
}


def kind_of_table(name):
    """The other tables have numbers and a rare class."""
    return next((kind for kind in ("levels", "weights", "study") if name.startswith(kind)), "rare")


def write_common(path, rows, columns):
    """One row in five is positive, so that there can be many folds of few rows."""
    draw = random.Random(1)
    with open(path, "w") as out:
        print(*(f"c{j}" for j in range(columns)), "label", sep=",", file=out)
        for i in range(rows):
            print(*(f"{draw.random():.4f}" for j in range(columns)), int(i % 5 == 0), sep=",", file=out)


def write_levels(path, rows, columns):
    """Categories of up to 20,000 levels."""
    draw = random.Random(1)
    with open(path, "w") as out:
        print(*(f"c{j}" for j in range(columns)), "label", sep=",", file=out)
        for i in range(rows):
            print(*(f"level{draw.randrange(20 * 10 ** (j % 4))}" for j in range(columns)), int(i % 40 == 0), sep=",",
                  file=out)


def write_table(big_table, kind, path, rows, columns):
    if kind in ("levels", "study"):
        (write_levels if kind == "levels" else write_common)(path, rows, columns)
        return
    subprocess.run([big_table, path, str(rows), str(columns)], check=True)
    if kind == "weights":
        with open(path) as whole:
            lines = whole.read().splitlines()
        with open(path, "w") as out:
            print("weight", lines[0], sep=",", file=out)
            for i, line in enumerate(lines[1:]):
                print(1 + i % 3, line, sep=",", file=out)


def seen(watched, arguments, path, folder):
    arguments = arguments.split()
    command = arguments.pop(0) if arguments[0] in ("cv", "compare") else "train"
    none = ["--no-model"] if command == "train" else []
    numbers = os.path.join(folder, "seen")
    done = subprocess.run([watched, command, "-q", *none, *arguments, path], cwd=folder, capture_output=True, text=True,
                          env=dict(os.environ, MEMORY_SEEN=numbers), check=False)
    if done.returncode:
        sys.exit(f"{command} {arguments}: exit code {done.returncode}: {done.stderr}")
    with open(numbers) as file:
        return [float(number) / MEGABYTE for number in file.read().split()]


def verdict(name, estimate, before, taken, resident):
    growth, grown, within = estimate - before, taken - before, LOOSE.get(name, WITHIN)
    if estimate < (1 - SHORT) * taken - FEW:
        return "FAILED: too low"
    if estimate > (1 + within) * taken + FEW:
        return "FAILED: too high"
    if abs(growth - grown) > within * grown + FEW:
        return "FAILED: growth"
    return "passed" if resident <= (1 + WITHIN) * estimate + OVERHEAD else "FAILED: resident"


def main():
    watched, big_table = (os.path.abspath(path) for path in sys.argv[1:3])
    names = sys.argv[3:] or list(CASES)
    failed = 0
    print("%-16s %8s %7s | %9s %7s %7s %6s | %7s %7s %6s | %9s" % (
        "case", "rows", "columns", "estimate", "taken", "ratio", "there", "growth", "grown", "ratio", "resident"))
    with tempfile.TemporaryDirectory() as folder:
        path, made = os.path.join(folder, "table.csv"), None
        for name in sorted(names, key=lambda name: (CASES[name][0], CASES[name][1])):
            rows, columns, arguments = CASES[name]
            wanted = (kind_of_table(name), path, rows, columns)
            if made != wanted:
                write_table(big_table, *wanted)
                made = wanted
            estimate, before, taken, _, resident = seen(watched, arguments, path, folder)
            result = verdict(name, estimate, before, taken, resident)
            failed += result != "passed"
            print("%-16s %8d %7d | %9.1f %7.1f %7.2f %6.1f | %7.1f %7.1f %6.2f | %9.1f  %s" % (
                name, rows, columns, estimate, taken, estimate / taken, before, estimate - before, taken - before,
                (estimate - before) / (taken - before), resident, result), flush=True)
    print(f"memory: {len(names) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

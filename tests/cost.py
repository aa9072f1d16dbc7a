#!/usr/bin/python3
"""No input costs much more than it is long: each kind of input that could is read at one size and at twice that size,
and the second must take fewer than three times the steps of the first.
usage: tests/cost.py PROGRAM [CASE...]

PROGRAM counts its steps (tests/steps.c, make check-cost), so the load of the machine is no matter. Prints the steps of
both and "cost: N passed, M failed"."""
import os
import random
import struct
import subprocess
import sys
import tempfile

program = os.path.realpath(sys.argv[1])
wanted = sys.argv[2:]
cases = {}


def case(function):
    cases[function.__name__.replace("_", "-")] = function
    return function


def write(name, lines):
    with open(name, "wb") as file:
        file.write(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))


TRAIN = ["train", "--preset", "fast", "--epochs", "1", "--threads", "1"]


def columns(names, name="t.csv", rows=7):
    """A table with those columns and few rows; y is the target."""
    cells = [",".join(str((7 * i + row) % 13) for i in range(len(names))) for row in range(rows)]
    names = [n if isinstance(n, bytes) else n.encode() for n in names]
    write(name, [b",".join(names) + b",y"] + ["%s,%d" % (line, row % 3 == 0) for row, line in enumerate(cells)])


def rows(first, name="t.csv", header="c,x,y"):
    """A row for each text of first."""
    chance = random.Random(1)
    first = [text if isinstance(text, bytes) else text.encode() for text in first]
    write(name, [header] + [b"%s,%d.5,%d" % (text, chance.randrange(1000), chance.random() < 0.1) for text in first])


def crowded_texts(n):
    """Texts of one hash under the hash without a key that the dictionary once had: the second half undoes the first."""
    chance, texts = random.Random(2), {}
    while len(texts) < n:
        half = bytes(chance.choice(b"abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(8))
        product = (0x9E3779B97F4A7C15 ^ 16 ^ struct.unpack("<Q", half)[0]) * 0xD6E8FEB86659FD93
        other = struct.pack("<Q", product % 2**64 ^ product >> 64 ^ 0x2545F4914F6CDD1D)
        if not set(other) & set(b"\0,\"\n\r \t;|") and other[-1] < 0x80:
            texts[half + other] = True
    return list(texts)


def crowded_numbers(n):
    """Numbers whose rows once had keys with the same low bits."""
    def undo_shift(x):
        return x ^ x >> 33

    chance, numbers = random.Random(3), []
    while len(numbers) < n:
        x = (chance.getrandbits(40) << 24) - 0x9E3779B97F4A7C15 & 2**64 - 1
        for factor in (0xC4CEB9FE1A85EC53, 0xFF51AFD7ED558CCD):
            x = undo_shift(x) * pow(factor, -1, 2**64) & 2**64 - 1
        value = struct.unpack("<d", struct.pack("<Q", undo_shift(x) ^ 0x243F6A8885A308D3))[0]
        if 1e-300 < abs(value) < 1e300:
            numbers.append(repr(value))
    return numbers


@case
def category_hash(n):
    rows(crowded_texts(n))
    return TRAIN + ["--no-model", "--target", "y", "t.csv"]


@case
def column_name_hash(n):
    for name in ("t.csv", "u.csv"):
        columns(crowded_texts(n), name)
    return TRAIN + ["--no-model", "--target", "y", "t.csv", "u.csv"]


@case
def row_hash(n):
    write("t.csv", ["x,y"] + ["%s,%d" % (number, i % 10 == 0) for i, number in enumerate(crowded_numbers(2 * n))])
    return TRAIN + ["--no-model", "--target", "y", "t.csv"]


@case
def check(n):
    rows(crowded_texts(n // 8))
    return ["check", "--threads", "1", "--target", "y", "t.csv"]


@case
def columns_in_another_order(n):
    columns(["c%d" % i for i in range(n)])
    columns(["c%d" % i for i in reversed(range(n))] + ["more"], "u.csv")
    return TRAIN + ["--no-model", "--target", "y", "t.csv", "u.csv"]


@case
def equal_column_names(n):
    columns(["a"] * (n // 2) + ["a.%d" % (i + 1) for i in range(n // 2)])
    return TRAIN + ["--no-model", "--target", "y", "t.csv"]


@case
def long_lists_of_columns(n):
    columns(["c%d" % i for i in range(n)])
    write("c.conf", ["drop = " + ",".join("c%d" % i for i in reversed(range(n - 2))), "target = y"])
    return TRAIN + ["--no-model", "--config", "c.conf", "t.csv"]


@case
def many_markers(n):
    rows(["m%d.5z" % (i % 50) for i in range(n)])
    write("c.conf", ["na = " + ",".join("m%d" % i for i in range(n)), "target = y"])
    return TRAIN + ["--no-model", "--config", "c.conf", "t.csv"]


@case
def many_dates(n):
    names = ["d%d" % i for i in range(n // 8)]
    chance = random.Random(4)
    write("t.csv", [",".join(names) + ",y"] +
          [",".join("20%02d-05-1%d" % (chance.randrange(24), chance.randrange(9)) for _ in names) + ",%d" % (i % 3 == 0)
           for i in range(20)])
    write("c.conf", ["date = " + ",".join(names), "target = y"])
    return TRAIN + ["--no-model", "--config", "c.conf", "t.csv"]


def classes(n, prefix, name):
    write(name, ["x,y"] + ["%d,%s" % (i * 7 % 50, "bad" if i % 5 == 0 else "%s%d" % (prefix, i // 2))
                           for i in range(n)])


@case
def classes_unlike_those_of_training(n):
    classes(n, "k", "t.csv")
    classes(n, "z", "u.csv")
    return TRAIN + ["--no-model", "--target", "y", "--positive", "bad", "--test", "u.csv", "t.csv"]


@case
def classes_of_evaluate(n):
    classes(n, "k", "t.csv")
    classes(n, "z", "u.csv")
    run(TRAIN + ["--target", "y", "--positive", "bad", "-o", "m", "t.csv"])
    return ["evaluate", "--threads", "1", "m", "u.csv"]


@case
def scored_again_and_again(n):
    rows(["%d" % (i * 7 % 50) for i in range(60)])
    run(TRAIN + ["--target", "y", "-o", "m", "t.csv"])
    columns(["c", "x", "fltrain_score", "score"] + ["fltrain_score_%d" % i for i in range(2, n)], "u.csv")
    return ["predict", "--threads", "1", "--keep-all", "m", "u.csv"]


@case
def many_columns(n):
    columns(["c%d" % i for i in range(n)])
    run(TRAIN + ["--target", "y", "-o", "m", "t.csv"])
    return ["inspect", "m"]


@case
def page_of_many_columns(n):
    columns(["c%d" % i for i in range(n // 10)])
    run(["check", "--threads", "1", "--json", "r.json", "t.csv"])
    return ["report", "-o", "-", "r.json"]


@case
def report_of_blank_lines(n):
    write("r.json", [""] * (100 * n) + ["{}"])
    return ["report", "r.json"]


@case
def many_groups(n):
    rows(["g%d" % (i // 3) for i in range(n)])
    return TRAIN + ["--no-model", "--target", "y", "--group", "c", "t.csv"]


@case
def quotes_over_lines(n):
    rows(["\"x\n%d\"" % (i % 50) for i in range(n)])
    return TRAIN + ["--no-model", "--target", "y", "t.csv"]


@case
def long_fields(n):
    rows(["q" + "\u00a0" * n + "x%d" % i for i in range(40)] + ["1" * n + "e5%d" % i for i in range(40)])
    return TRAIN + ["--no-model", "--target", "y", "t.csv"]


def run(arguments):
    """Returns the steps."""
    with open(os.devnull, "wb") as nothing:
        code = subprocess.run([program] + arguments, stdout=nothing, stderr=nothing, timeout=600,
                              env=dict(os.environ, FLTRAIN_STEPS="steps")).returncode
    if code not in (0, 3):
        raise RuntimeError("%s: exit %d" % (" ".join(arguments), code))
    with open("steps") as file:
        return int(file.read())


passed = failed = 0
with tempfile.TemporaryDirectory(prefix="fltrain-cost.") as folder:
    os.chdir(folder)
    for name, function in cases.items():
        if wanted and name not in wanted:
            continue
        size = int(os.environ.get("SIZE", "10000"))
        once, twice = run(function(size)), run(function(2 * size))
        is_fine = twice < 3 * once
        passed += is_fine
        failed += not is_fine
        print("%-7s %-34s %12d steps, %13d at twice the size: %.2f times as many" %
              ("ok" if is_fine else "FAILED", name, once, twice, twice / once), flush=True)
print("cost: %d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)

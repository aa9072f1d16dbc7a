#!/usr/bin/env python3
"""Plants a fault in a table and asks `fltrain check` for it: tests/bench/planted.py [--rows N] PROGRAM FILE|FOLDER...

One line a table: what check says of the table as it is (it should be quiet), and whether it finds each fault:

  outcome code    a column of numbers that were given after the outcome
  doubled         a block of rows stands twice (a fifteenth of the table)
  flipped         5 % of the labels are turned
  cents, test     a column of numbers is a hundred times as large in the --test file (the later half; the halves are
                  random where the table is sorted)
  cents, block    the same in the last quarter of the rows
  cents, some     the same in every third row

"found (x)": and x, too. "as x": not by its name, but check points to x. Flipped labels come with how many of the rows
named as suspects were turned, and how many were turned in all. A FOLDER has a MANIFEST.csv (name, file, target,
positive_label, drop_columns). With --rows, the first N rows of each table are taken.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile

FAULTS = ["outcome code", "doubled", "flipped", "cents, test", "cents, block", "cents, some"]
WANTED = {"outcome code": "leaks", "doubled": "copies", "flipped": "suspects", "cents, test": "drift",
          "cents, block": "units", "cents, some": "units"}


class Table:
    def __init__(self, path, n_rows, target=None, positive=None, drop=""):
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8-sig", newline="") as file:
            self.header, *self.rows = csv.reader(file)
        self.rows = self.rows[:n_rows]
        self.target = self.header.index(target) if target else len(self.header) - 1
        values = [row[self.target] for row in self.rows]
        classes = sorted(set(values), key=values.count)
        self.positive, self.negative = positive or classes[0], [c for c in classes if c != (positive or classes[0])][-1]
        self.dropped = [name for name in drop.split(";") if name]
        self.options = ["--target", self.header[self.target], "--positive", self.positive]
        if self.dropped:
            self.options += ["--drop", ",".join(f'"{name}"' for name in self.dropped)]

    def scaled_column(self):
        """The numeric column with the most different values, and no order in it."""
        best, most = None, 0
        for column, name in enumerate(self.header):
            if column == self.target or name in self.dropped:
                continue
            try:
                cells = [float(row[column]) for row in self.rows if row[column] not in ("", "?", "NA", "N/A")]
            except ValueError:
                continue
            values = set(cells)
            if len(values) > most and max(values) > 0 and cells != sorted(cells):
                best, most = column, len(values)
        return best


def in_cents(row, column):
    try:
        cents = float(row[column]) * 100
    except ValueError:
        return row
    return row[:column] + [f"{cents:.10g}"] + row[column + 1:]


def plant(table, fault, rng):
    """The rows with the fault, those of a test file or None, and the indices of the turned labels."""
    rows, target, n = table.rows, table.target, len(table.rows)
    if fault == "outcome code":
        return [row + [str(rng.choice([7, 8, 9]) if row[target] == table.positive else rng.randrange(7))]
                for row in rows], None, ()
    if fault == "doubled":
        start = rng.randrange(n - n // 15)
        return rows + rows[start:start + n // 15], None, ()
    if fault == "flipped":
        turned = set(rng.sample(range(n), n // 20))
        other = {table.positive: table.negative}
        return [row[:target] + [other.get(row[target], table.positive)] + row[target + 1:] if i in turned else row
                for i, row in enumerate(rows)], None, turned
    column = table.scaled_column()
    if fault == "cents, test":
        halves = rng.sample(rows, n)
        return halves[:n // 2], [in_cents(row, column) for row in halves[n // 2:]], ()
    is_hit = (lambda i: i >= n * 3 // 4) if fault == "cents, block" else (lambda i: i % 3 == 0)
    return [in_cents(row, column) if is_hit(i) else row for i, row in enumerate(rows)], None, ()


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def check(program, folder, table, rows, test, extra=()):
    header = table.header + [f"code{i}" for i in range(len(rows[0]) - len(table.header))]
    data, suspects = os.path.join(folder, "data.csv"), os.path.join(folder, "suspects.csv")
    write(data, header, rows)
    command = [program, "check", "-q", "--json", "-", "--suspects", suspects, *table.options]
    if test:
        write(os.path.join(folder, "test.csv"), header, test)
        command += ["--test", os.path.join(folder, "test.csv")]
    run = subprocess.run(command + [data], capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{table.name}: {run.stderr}")
    with open(suspects, newline="") as file:
        return json.loads(run.stdout), [int(row["row"]) - 1 for row in csv.DictReader(file)]


def cell(program, folder, table, fault, clean):
    rng = random.Random(f"{table.name} {fault}")
    rows, test, turned = plant(table, fault, rng) if fault else (table.rows, None, ())
    report, suspects = check(program, folder, table, rows, test)
    found = report["found"]
    if not fault:
        return report, found, " ".join(found) if found else "quiet"
    wanted = WANTED[fault]
    others = [name for name in found if name != wanted and name not in clean]
    text = "found" if wanted in found else "as " + " ".join(others) if others else "MISSED"
    others = others if wanted in found else []
    if fault == "flipped":
        hits = sum(row in turned for row in suspects)
        text += f" {hits}/{len(suspects)} of {len(turned)}"
    return report, found, text + (f" ({' '.join(others)})" if others else "")


def tables_of(path, n_rows):
    if not os.path.isdir(path):
        return [Table(path, n_rows)]
    with open(os.path.join(path, "MANIFEST.csv"), newline="") as file:
        return [Table(os.path.join(path, line["file"]), n_rows, line["target"], line["positive_label"],
                      line["drop_columns"]) for line in csv.DictReader(file)]


def main():
    arguments, n_rows = sys.argv[1:], None
    if arguments[:1] == ["--rows"]:
        n_rows, arguments = int(arguments[1]), arguments[2:]
    program, *paths = arguments
    print("| " + " | ".join(["set", "rows", "as it is", *FAULTS]) + " |")
    print("|" + "---|" * (3 + len(FAULTS)))
    with tempfile.TemporaryDirectory() as folder:
        for table in (table for path in paths for table in tables_of(path, n_rows)):
            clean, cells = [], []
            for fault in [None, *FAULTS]:
                _, found, text = cell(program, folder, table, fault, clean)
                clean = found if not fault else clean
                cells.append(text)
            print("| " + " | ".join([table.name, str(len(table.rows)), *cells]) + " |", flush=True)


if __name__ == "__main__":
    main()

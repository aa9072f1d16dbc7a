"""Explanations against brute force: explain.py FLTRAIN MODEL DATA.csv TARGET POSITIVE

Scores come from `predict` on files in which values were exchanged; all else is computed here from the definitions. Effects
must agree to the rounding of what is printed, importance and interactions within what shuffles make of them.
"""
import csv
import json
import math
import os
import random
import subprocess
import sys
import tempfile

program, model, data, target, positive = sys.argv[1:6]
scratch = tempfile.mkdtemp()
with open(data, newline="") as file:
    names, *rows = list(csv.reader(file))
label = [row[names.index(target)] == positive for row in rows]
n_scored = 0


def probabilities(table):
    global n_scored
    n_scored += len(table)
    path = os.path.join(scratch, "altered.csv")
    with open(path, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *table])
    done = subprocess.run([program, "predict", "-q", model, path], check=True, capture_output=True, text=True)
    return [float(row["probability"]) for row in csv.DictReader(done.stdout.splitlines())]


def average_precision(p):
    order = sorted(range(len(p)), key=lambda i: -p[i])
    tp = n = total = 0
    while n < len(order):
        tied = [i for i in order[n:] if p[i] == p[order[n]]] if n + 1 < len(order) and p[order[n + 1]] == p[order[n]] else [order[n]]
        hits = sum(label[i] for i in tied)
        n, tp = n + len(tied), tp + hits
        total += hits * tp / n
    return total / sum(label)


def log_loss(p):
    return -sum(math.log(q if y else 1 - q) for q, y in zip(p, label)) / len(p)


def with_column(table, column, values):
    at = names.index(column)
    return [[*row[:at], value, *row[at + 1:]] for row, value in zip(table, values)]


def column_of(table, column):
    return [row[names.index(column)] for row in table]


def number(text):
    try:
        return float(text)
    except ValueError:  # a missing marker
        return None


def log_odds(p):
    return [math.log(q / (1 - q)) for q in p]


r = random.Random(7)
report = os.path.join(scratch, "report.json")
subprocess.run([program, "explain", "-q", "--sample", "all", "--json", report, model, data], check=True, capture_output=True)
with open(report) as file:
    explanation = json.load(file)["explanation"]
base = probabilities(rows)
wrong = []
if abs(average_precision(base) - explanation["ap"]) > 1e-9:
    wrong.append(f"PR-AUC {explanation['ap']}, not {average_precision(base)}")

# Importance: other shuffles of the same rows differ by less than other rows do.
for entry in explanation["importance"]:
    ap = loss = 0
    for _ in range(4):
        shuffle = r.sample(range(len(rows)), len(rows))
        altered = rows
        for column in entry["columns"]:
            values = column_of(rows, column)
            altered = with_column(altered, column, [values[i] for i in shuffle])
        p = probabilities(altered)
        ap += (average_precision(base) - average_precision(p)) / 4
        loss += (log_loss(p) - log_loss(base)) / 4
    for key, value in (("ap", ap), ("log_loss", loss)):
        figure = entry[key]
        room = figure["hi"] - figure["lo"] + 1e-6
        if abs(figure["value"] - value) > room:
            wrong.append(f"{key} of {entry['columns']}: {figure}, by brute force {value}")

# Effects, by their definition.
worst = 0
for effect in explanation["effects"]:
    column, points = effect["column"], effect["points"]
    if column not in names:  # a part of dates
        continue
    given = column_of(rows, column)
    expected = [0.0]
    if effect["type"] == "numeric":
        at = [point["at"] for point in points if point["at"] is not None]
        x = [number(text) for text in given]
        bins = [None if v is None else next((k for k in range(1, len(at)) if v <= at[k]), len(at) - 1) for v in x]
        low, high = ([repr(at[k - side]) if k else "" for k in bins] for side in (1, 0))
        before, after = probabilities(with_column(rows, column, low)), probabilities(with_column(rows, column, high))
        mass = [0.0] * len(points)
        for k, v in zip(bins, x):
            share = 0 if v is None else min(max((v - at[k - 1]) / (at[k] - at[k - 1]), 0), 1)
            mass[k if k else -1] += share if k else 1
            mass[k - 1 if k else -1] += 1 - share if k else 0
        for k in range(1, len(at)):
            step = [after[i] - before[i] for i in range(len(rows)) if bins[i] == k]
            expected.append(expected[-1] + sum(step) / len(step))
        if len(points) > len(at):
            half = sum(mass[:-1]) / 2
            middle = next(k for k in range(len(at)) if sum(mass[:k + 1]) >= half)
            near = [i for i in range(len(rows)) if x[i] is None or (bins[i] == middle if middle else x[i] <= at[0])]
            some = [rows[i] for i in near]
            present = probabilities(with_column(some, column, [repr(at[middle])] * len(some)))
            absent = probabilities(with_column(some, column, [""] * len(some)))
            expected.append(expected[middle] + sum(a - p for a, p in zip(absent, present)) / len(some))
    else:
        levels = [point["level"] or "" for point in points]
        mass = [given.count(level) for level in levels]
        moved = [probabilities(with_column(rows, column, [level] * len(rows))) for level in levels]
        mean = [[sum(p for p, own in zip(moved[m], given) if own == level) / mass[k] for m in range(len(levels))]
                for k, level in enumerate(levels)]  # what the rows of the first say with the level of the second
        expected = [sum(mass[m] * (mean[m][k] - mean[m][m] + mean[k][k] - mean[k][m]) for m in range(len(levels))) / 2 / sum(mass)
                    for k in range(len(levels))]
    shift = sum(base) / len(base) - sum(m * e for m, e in zip(mass, expected)) / sum(mass)
    for point, value in zip(points, expected):
        worst = max(worst, abs(point["probability"] - min(max(value + shift, 0), 1)))
if worst > 1e-9:
    wrong.append(f"effects differ by {worst:.3g}")

# The strongest interaction.
pair = explanation["interactions"][0]
shuffle = r.sample(range(len(rows)), len(rows))
one, other = ([column_of(rows, column)[i] for i in shuffle] for column in pair["columns"])
with_one, with_other = with_column(rows, pair["columns"][0], one), with_column(rows, pair["columns"][1], other)
f, a, b, both = (log_odds(probabilities(table)) for table in
                 (rows, with_one, with_other, with_column(with_one, pair["columns"][1], other)))
value = math.sqrt(sum((w - x - y + z) ** 2 for w, x, y, z in zip(f, a, b, both)) / len(f)) / 2
if abs(value - pair["value"]) > pair["hi"] - pair["lo"]:
    wrong.append(f"interaction of {pair['columns']}: {pair}, by brute force {value}")

for line in wrong:
    print(f"explain: FAILED: {line}")
print(f"{n_scored} rows scored, effects within {worst:.1g}")
sys.exit(1 if wrong else 0)

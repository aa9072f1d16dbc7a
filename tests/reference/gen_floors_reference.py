#!/usr/bin/env python3
"""Stored thresholds for the floors of src/eval/floors.c, from scipy's binomial and beta distributions, and spreads over
time for src/eval/stretches.c, from its test of contingency tables.

Run from anywhere; writes floors.csv and stretches.csv beside itself. The tests never run it.
"""
import csv
import math
import os

import numpy as np
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))


def units(y, w, c):
    """For each class sum W^2 / sum W over the weights W of its clusters."""
    out = []
    for k in (0, 1):
        weights = np.array([w[(c == i) & (y == k)].sum() for i in np.unique(c)])
        out.append((weights ** 2).sum() / weights.sum())
    return out


def recall_floor(z, y, w, c, floor, confidence):
    """The highest threshold whose upper Clopper-Pearson bound of the missed share is at most 1 - floor."""
    unit = units(y, w, c)[1]
    n = w[y == 1].sum() / unit
    for t in sorted(np.unique(z[y == 1]), reverse=True):
        missed = w[(y == 1) & (z < t)].sum() / unit
        if n - missed > 0 and stats.beta.ppf(confidence, missed + 1, n - missed) <= 1 - floor:
            return t, True
    return z[y == 1].min(), False


def precision_floor(z, y, w, c, floor, confidence):
    """Lower Clopper-Pearson bounds from a first number of alarms down, to the first that is below the floor."""
    alpha = 1 - confidence
    negative, positive = units(y, w, c)
    share = floor * negative / (floor * negative + (1 - floor) * positive)
    total = [w[y == 0].sum() / negative, w[y == 1].sum() / positive]
    start = max(3 * math.ceil(math.log(alpha) / math.log(share)), total[1] / 10) * len(z) / sum(total)
    best, most = None, 0
    for t in sorted(np.unique(z), reverse=True):
        alarm = z >= t
        if alarm.sum() < min(start, len(z)):
            continue
        right, wrong = w[alarm & (y == 1)].sum() / positive, w[alarm & (y == 0)].sum() / negative
        if right == 0 or stats.beta.ppf(alpha, right, wrong + 1) < share:
            break
        if w[alarm & (y == 1)].sum() > most:
            best, most = t, w[alarm & (y == 1)].sum()
    return best, best is not None


def spread(hits, times, confidence):
    """Pearson's chi-square of hits by stretch over its degrees of freedom, widened by Student's t."""
    rank = np.array([(times > t).sum() for t in times])
    stretch = rank * 10 // len(times)
    table = np.array([[(hits & (stretch == s)).sum(), (~hits & (stretch == s)).sum()] for s in np.unique(stretch)])
    chi2, _, df, _ = stats.chi2_contingency(table, correction=False)
    return max(1, chi2 / df * (stats.t.ppf(confidence, df) / stats.t.ppf(confidence, 1000)) ** 2)


def write_stretches():
    rng = np.random.default_rng(20261129)
    rows = []
    for case in range(12):
        n = int(rng.integers(150, 400))
        times = rng.integers(0, [12, 60, 100000][case % 3], n)
        event = rng.normal(size=100001)[times // 3] * (case % 2)
        y = rng.random(n) < 0.4
        z = np.round(rng.normal(size=n) + 2 * y - 1 + event, 2) + 0.0
        confidence = [90, 95, 75][case % 3]
        recall = z[y][np.argsort(-z[y], kind="stable")][math.ceil(0.8 * y.sum()) - 1]
        ranked = sorted(np.unique(z), reverse=True)
        precise = [t for t in ranked if y[z >= t].mean() >= 0.6]
        precision = max(precise, key=lambda t: (y[z >= t].sum(), t))
        rows.append([" ".join("%d" % v for v in y), " ".join("%g" % v for v in z), " ".join(map(str, times)),
                     "recall>=0.8@%d" % confidence,
                     "%.17g" % spread(z[y] >= recall, times[y], confidence / 100),
                     "precision>=0.6@%d" % confidence,
                     "%.17g" % spread(y[z >= precision], times[z >= precision], confidence / 100)])
    with open(os.path.join(HERE, "stretches.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["labels", "log_odds", "times", "recall_rule", "recall_spread", "precision_rule",
                      "precision_spread"])
        out.writerows(rows)


def main():
    write_stretches()
    rng = np.random.default_rng(20261128)
    rows = []
    for case in range(24):
        n = int(rng.integers(150, 400))
        y = (rng.random(n) < 0.3).astype(int)
        z = np.round(rng.normal(size=n) + 2 * y - 1, 1 if case % 2 else 3) + 0.0
        w = rng.integers(1, 5, n).astype(float) if case % 4 >= 2 else np.ones(n)
        c = rng.integers(0, n // 2, n) if case % 3 == 1 else np.arange(n)
        recall, precision = [0.7, 0.9][case % 2], [0.5, 0.7][case % 2]
        confidence = [90, 95, 75][case % 3]
        r = recall_floor(z, y, w, c, recall, confidence / 100)
        p = precision_floor(z, y, w, c, precision, confidence / 100)
        rows.append([" ".join(map(str, y)), " ".join("%g" % v for v in z), " ".join("%g" % v for v in w),
                     " ".join(map(str, c)), "recall>=%g@%d" % (recall, confidence),
                     "%.17g" % (1 / (1 + math.exp(-r[0]))), int(r[1]), "precision>=%g@%d" % (precision, confidence),
                     "" if p[0] is None else "%.17g" % (1 / (1 + math.exp(-p[0]))), int(p[1])])
    with open(os.path.join(HERE, "floors.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["labels", "log_odds", "weights", "clusters", "recall_rule", "recall_threshold", "recall_met",
                      "precision_rule", "precision_threshold", "precision_met"])
        out.writerows(rows)


if __name__ == "__main__":
    main()

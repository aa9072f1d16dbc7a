#!/usr/bin/env python3
"""Stored values for tests/unit/test_intervals.c: intervals by scipy's root finder, beta distribution and plain numpy.

Run from anywhere; writes intervals.csv beside itself. The tests never run it.
"""
import csv
import math
import os

import numpy as np
from scipy import optimize, stats

HERE = os.path.dirname(os.path.abspath(__file__))
Z = stats.norm.ppf(0.975)


def g(x):
    return "%.17g" % x


def wilson(share, n):
    """Where |share - p| = z sqrt(p (1 - p) / n)."""
    def miss(p):
        return (share - p) ** 2 * n - Z ** 2 * p * (1 - p)
    lo = 0.0 if share == 0 else optimize.brentq(miss, 0, share - 1e-12, xtol=1e-15)
    hi = 1.0 if share == 1 else optimize.brentq(miss, share + 1e-12, 1, xtol=1e-15)
    return lo, hi


def newcombe(auc, m, n):
    """Method 5 of Newcombe 2006: Hanley and McNeil's variance at the bound, both numbers of rows replaced by their mean."""
    def miss(t):
        star = (m + n) / 2 - 1
        variance = t * (1 - t) / (m * n) * (1 + star * (1 - t) / (2 - t) + star * t / (1 + t))
        return (auc - t) ** 2 - Z ** 2 * variance
    lo = 0.0 if auc == 0 else optimize.brentq(miss, 0, auc - 1e-12, xtol=1e-15)
    hi = 1.0 if auc == 1 else optimize.brentq(miss, auc + 1e-12, 1, xtol=1e-15)
    return lo, hi


def ap(value, variance, n, ratio):
    edge = 1 / (2 * n)
    inside = min(max(value, edge), 1 - edge)
    assumed = inside * (1 - inside) * (1 - inside + ratio * inside) / n
    seen = max(variance, (inside * edge) ** 2)
    weight = min(1, 15 * max(1, ratio) / n)
    used = max(seen, assumed ** weight * seen ** (1 - weight)) if seen < assumed else seen
    rows = inside * (1 - inside) / used
    hits = value * rows
    more = max(0.25, 0.5 - 2.5 / n)
    lo = stats.beta.ppf(0.025, hits + more, rows - hits + 1 - more) if value > edge else 0
    hi = stats.beta.ppf(0.975, hits + 0.5, rows - hits + 0.5) if value < 1 - edge else 1
    return min(lo, value), max(hi, value)


def mcc(r, f, p):
    q = p * r + (1 - p) * f
    return math.sqrt(p * (1 - p)) * (r - f) / math.sqrt(q * (1 - q)) if 0 < q < 1 else 0.0


def mover(tp, fp, fn, tn):
    n = tp + fp + fn + tn
    r, f, p = tp / (tp + fn), fp / (fp + tn), (tp + fn) / n
    rs, fs, ps = wilson(r, tp + fn - 1), wilson(f, fp + tn - 1), wilson(p, n - 1)
    value = mcc(r, f, p)
    moved = [mcc(rs[0], f, p), mcc(rs[1], f, p), mcc(r, fs[1], p), mcc(r, fs[0], p), mcc(r, f, ps[0]), mcc(r, f, ps[1])]
    below = sum(min(0, min(moved[i:i + 2]) - value) ** 2 for i in (0, 2, 4))
    above = sum(max(0, max(moved[i:i + 2]) - value) ** 2 for i in (0, 2, 4))
    return value, max(-1, value - math.sqrt(below)), min(1, value + math.sqrt(above))


def main():
    rows = []
    for share, n in [(0.5, 10), (0, 3.5), (1, 8), (0.013, 412.25), (0.9, 1e5), (1 / 3, 0.75)]:
        rows.append(["wilson", share, n, 0, 0, 0, *wilson(share, n)])
    for auc, m, n in [(0.5, 10, 300), (0.86, 30, 5970), (0.99, 12.5, 40.25), (1, 20, 500), (0, 5, 5), (0.7, 300, 6000)]:
        rows.append(["roc_auc", auc, m, n, 0, 0, *newcombe(auc, m, n)])
    for value, variance, n, ratio in [(0.067, 0.004, 10, 1), (0.58, 0.006, 30, 1), (0.9, 1e-4, 300, 1), (1, 0, 50, 1),
                                      (0.02, 1e-5, 1, 1), (0.3, 1e-4, 200, 40), (0.005, 3e-7, 400, 1), (0.999, 0, 4, 1)]:
        rows.append(["ap", value, variance, n, ratio, 0, *ap(value, variance, n, ratio)])
    for c in [(16, 7, 14, 5963), (0, 3, 9, 288), (5, 0, 5, 90), (10, 0, 0, 90), (1, 50, 9, 40)]:
        value, lo, hi = mover(*c)
        rows.append(["mcc", *c, value, lo, hi])
        j = wilson(c[0] / (c[0] + c[1] + c[2]), c[0] + c[1] + c[2])
        rows.append(["f1", *c, 2 * c[0] / (2 * c[0] + c[1] + c[2]), 2 * j[0] / (1 + j[0]), 2 * j[1] / (1 + j[1])])
    with open(os.path.join(HERE, "intervals.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["what", "a", "b", "c", "d", "value", "lo", "hi"])
        out.writerows([row[0]] + [g(v) for v in row[1:]] for row in rows)


if __name__ == "__main__":
    main()

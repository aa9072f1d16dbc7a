#!/usr/bin/env python3
"""Stored values for the tests of src/eval, from scikit-learn, scipy, numpy and plain python.

Run from anywhere; writes eval_*.csv beside itself. The tests never run it.
"""
import csv
import math
import os

import numpy as np
from scipy import optimize, stats
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def g(x):
    return "%.17g" % x


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def equal_mass_ece(z, y, bins):
    """A group of equal z goes whole into bin floor(rank of its first row * bins / n), ranks from 0, ascending."""
    n = len(z)
    total = {}
    for value in np.unique(z):
        first = int(np.sum(z < value))
        rows = z == value
        bin_ = first * bins // n
        total[bin_] = total.get(bin_, 0.0) + float(np.sum(sigmoid(z[rows]) - y[rows]))
    return sum(abs(v) for v in total.values()) / n


def precision_recall_at_k(z, y, k):
    """Expected values when rows that tie across the cut are taken at random."""
    above, tied = z > np.sort(z)[::-1][k - 1], z == np.sort(z)[::-1][k - 1]
    hits = y[above].sum() + y[tied].sum() * (k - above.sum()) / tied.sum()
    return hits / k, hits / y.sum()


def recall_at_precision(z, y, floor):
    best = 0.0
    for t in np.unique(z):
        called = z >= t
        if y[called].sum() / called.sum() >= floor:
            best = max(best, y[called].sum() / y.sum())
    return best


def main_cases():
    """Scores with many ties, few ties and none; prevalence from 1 % to 60 %."""
    rng = np.random.default_rng(20240501)
    for name, n, pi, digits in [("coarse", 300, 0.1, 0), ("ties", 500, 0.04, 1), ("fine", 800, 0.02, 3),
                                ("common", 200, 0.6, 1), ("rare", 1000, 0.01, 2)]:
        y = (rng.random(n) < pi).astype(int)
        y[:2] = 1
        z = np.round(rng.normal(size=n) + 1.5 * y + math.log(pi / (1 - pi)), digits) + 0.0
        yield name, y, z


def figures():
    inputs, rows = [], []
    for name, y, z in main_cases():
        p = sigmoid(z)
        # The threshold is one of the probabilities, so that >= matters; 1e-15 below it, since exp differs by an ulp.
        threshold = float(np.sort(p)[::-1][max(5, int(y.sum()))]) * (1 - 1e-12)
        called = (p >= threshold).astype(int)
        out = [name, g(threshold), g(metrics.average_precision_score(y, z)), g(metrics.roc_auc_score(y, z)),
               g(metrics.brier_score_loss(y, p)), g(metrics.log_loss(y, p)), g(metrics.matthews_corrcoef(y, called)),
               g(metrics.f1_score(y, called)), g(metrics.precision_score(y, called)), g(metrics.recall_score(y, called)),
               g(metrics.accuracy_score(y, called)), g(equal_mass_ece(z, y, 15)), g(p.mean())]
        for k in [10, 50, 100, 500, int(y.sum())]:
            at = precision_recall_at_k(z, y, k) if k <= len(y) else (0, 0)
            out += [g(at[0]), g(at[1])]
        out += [g(recall_at_precision(z, y, f)) for f in (0.5, 0.7, 0.9, 0.95)]
        rows.append(out)
        inputs.append([name, " ".join(map(str, y)), " ".join(g(v) for v in z)])
    write("eval_inputs.csv", ["case", "labels", "log_odds"], inputs)
    write("eval_figures.csv", ["case", "threshold", "ap", "roc_auc", "brier", "log_loss", "mcc", "f1", "precision",
                               "recall", "accuracy", "ece15", "mean_probability", "p@10", "r@10", "p@50", "r@50",
                               "p@100", "r@100", "p@500", "r@500", "p@P", "r@P", "r@p0.5", "r@p0.7", "r@p0.9",
                               "r@p0.95"], rows)


def intervals():
    rows = []
    for count, n in [(0, 10), (10, 10), (1, 30), (18, 26), (600, 6000), (29999, 30000)]:
        # Wilson's score interval: the roots of (x - p)^2 = z^2 p (1 - p) / n
        zc, x = stats.norm.ppf(0.975), count / n
        roots = np.roots([1 + zc ** 2 / n, -(2 * x + zc ** 2 / n), x ** 2])
        rows.append([count, n, g(max(min(roots.real), 0)), g(min(max(roots.real), 1))])
    write("eval_wilson.csv", ["count", "n", "lo", "hi"], rows)


def chance():
    """Expected AP of a random ranking and its 95th percentile by brute shuffling (1,000,000 of them)."""
    rng = np.random.default_rng(7)
    rows = []
    for n, r in [(20, 2), (100, 5), (1000, 10), (300, 150)]:
        shuffles = 1000000 if n <= 100 else 200000
        aps = np.empty(shuffles)
        for done in range(0, shuffles, 10000):
            ranks = np.argpartition(rng.random((10000, n)), r, axis=1)[:, :r] + 1
            ranks.sort(axis=1)
            aps[done:done + 10000] = (np.arange(1, r + 1) / ranks).mean(axis=1)
        quantiles = np.quantile(aps, [0.945, 0.95, 0.955])
        rows.append([n, r, g(aps.mean()), g(aps.std() / math.sqrt(shuffles))] + [g(q) for q in quantiles])
    write("eval_chance.csv", ["n", "positives", "mean", "mean_se", "q945", "q95", "q955"], rows)


if __name__ == "__main__":
    figures()
    intervals()
    chance()

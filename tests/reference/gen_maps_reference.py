#!/usr/bin/env python3
"""Stored weighted probability maps for the tests of src/eval: scipy's minimum of Platt's objective, plain and under priors,
and scikit-learn's isotonic regression.

Run from anywhere; writes weighted_maps.csv beside itself. The tests never run it.
"""
import csv
import os

import numpy as np
from scipy import optimize
from sklearn.isotonic import IsotonicRegression

HERE = os.path.dirname(os.path.abspath(__file__))


def line(x, y, w, targets, penalty):
    def loss(v):
        z = v[0] * x + v[1]
        return np.sum(w * (np.logaddexp(0, z) - targets * z)) + penalty(v)

    def root(v):
        e = 1e-5
        return [(loss(v + d) - loss(v - d)) / (2 * e) for d in (np.array([e, 0]), np.array([0, e]))]

    start = optimize.minimize(loss, [1.0, 0.0], method="BFGS").x
    best = optimize.minimize(loss, start, method="Nelder-Mead", options=dict(xatol=1e-10, fatol=1e-13, maxiter=20000)).x
    return optimize.root(root, best, tol=1e-14).x


def in_rows(y, w):
    """Weights in a unit in which those of the rarer class add up to its effective number of rows."""
    effective = [w[y == k].sum() ** 2 / (w[y == k] ** 2).sum() for k in (0, 1)]
    rarer = int(effective[1] <= effective[0])
    return w / (w[y == rarer].sum() / effective[rarer])


def platt(x, y, w):
    positive, negative = w[y == 1].sum(), w[y == 0].sum()
    return line(x, y, w, np.where(y == 1, (positive + 1) / (positive + 2), 1 / (negative + 2)), lambda v: 0)


def shrunk(x, y, w):
    """Normal priors: slope 1 +- 0.2, and 0 +- 0.5 for what the line adds at the centre of the information."""
    p = 1 / (1 + np.exp(-x))
    centre = np.sum(w * p * (1 - p) * x) / np.sum(w * p * (1 - p))
    return line(x, y, w, y, lambda v: ((v[0] - 1) / 0.2) ** 2 / 2 + ((v[0] * centre + v[1] - centre) / 0.5) ** 2 / 2)


def main():
    rng = np.random.default_rng(20261129)
    rows = []
    for slope, shift, n, weighted in [(1, 0, 200, 0), (0.6, 0.5, 300, 1), (1.5, -0.4, 250, 1), (1, 1, 60, 1)]:
        x = np.round(1.5 * rng.normal(size=n) - 1.5, 1) + 0.0
        y = (rng.random(n) < 1 / (1 + np.exp(-slope * x - shift))).astype(int)
        w = rng.integers(1, 5, n) if weighted else np.ones(n, int)
        iso = IsotonicRegression(out_of_bounds="clip").fit(x, y, sample_weight=w)
        probes = np.linspace(x.min() - 1, x.max() + 1, 25)
        rows.append([" ".join(map(str, y)), " ".join("%g" % v for v in x), " ".join(map(str, w))] +
                    ["%.17g" % v for v in (*platt(x, y, in_rows(y, w)), *shrunk(x, y, in_rows(y, w)))] +
                    [" ".join("%.17g" % v for v in probes), " ".join("%.17g" % v for v in iso.predict(probes))])
    with open(os.path.join(HERE, "weighted_maps.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["labels", "scores", "weights", "slope", "intercept", "shrunk_slope", "shrunk_intercept", "probes",
                      "isotonic"])
        out.writerows(rows)


if __name__ == "__main__":
    main()

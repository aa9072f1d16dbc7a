#!/usr/bin/env python3
"""Stored values for tests/unit/test_prior.c: the prevalence of unlabelled rows by expectation-maximisation after Platt,
with numpy and scipy alone, row by row.

Run from anywhere; writes prior_estimate.csv beside itself. The tests never run it.
"""
import csv
import os

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

HERE = os.path.dirname(os.path.abspath(__file__))


def platt(score, label):
    """Slope and intercept under the targets of Platt 1999."""
    n1, n0 = label.sum(), (1 - label).sum()
    target = np.where(label == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))

    def loss(w):
        z = w[0] * score + w[1]
        p = expit(z)
        value = np.sum(np.logaddexp(0, z) - target * z)
        return value, np.array([np.sum((p - target) * score), np.sum(p - target)])

    return minimize(loss, [1.0, 0.0], jac=True, method="BFGS", options={"gtol": 1e-10}).x


def share(held_out, label, new):
    slope, intercept = platt(held_out, label)
    trained = label.mean()
    odds = np.exp(slope * new + intercept - logit(trained))  # of the likelihoods
    q = trained
    for _ in range(1000000):
        posterior = q * odds / (q * odds + 1 - q)
        moved = posterior.mean()
        if abs(moved - q) < 1e-15:
            break
        q = moved
    return q


def main():
    rng = np.random.default_rng(13)
    rows = []
    # positives, others, new rows, their share, distance of the classes, spread of positive scores
    for n1, n0, n, real, distance, spread in [(60, 540, 500, 0.1, 2, 1), (60, 540, 900, 0.4, 2, 1.5),
                                              (150, 450, 900, 0.05, 1.5, 1), (25, 900, 900, 0.1, 3, 1)]:
        label = np.r_[np.ones(n1, int), np.zeros(n0, int)]
        held_out = np.round(np.where(label == 1, distance + spread * rng.normal(size=n1 + n0),
                                     rng.normal(size=n1 + n0)), 4)
        positive = rng.random(n) < real
        new = np.round(np.where(positive, distance + spread * rng.normal(size=n), rng.normal(size=n)), 4)
        values = [" ".join("%.4f" % v for v in part) for part in (held_out[:n1], held_out[n1:], new)]
        rows.append(["%.17g" % share(held_out, label, new)] + values)
    with open(os.path.join(HERE, "prior_estimate.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["share", "positives", "others", "new"])
        out.writerows(rows)


if __name__ == "__main__":
    main()

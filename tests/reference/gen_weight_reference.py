#!/usr/bin/env python3
"""Stored values for rows with weights, from scikit-learn's sample_weight and numpy.

Run from anywhere; writes weighted_*.csv beside itself. The tests never run it.

A weight says how many rows a row stands for. The script checks the figures on integer weights against those of the table
with each row written as often.
"""
import math

import numpy as np
from sklearn import metrics

from gen_eval_reference import g, sigmoid, write


def cases():
    """Scores with many ties, few and none, and weights that are counts, or spread over decades."""
    rng = np.random.default_rng(20261128)
    for name, n, pi, digits, kind in [("counts", 300, 0.1, 1, "counts"), ("coarse", 400, 0.05, 0, "lognormal"),
                                      ("fine", 500, 0.03, 3, "lognormal"), ("decades", 200, 0.3, 2, "decades")]:
        y = (rng.random(n) < pi).astype(int)
        y[:2] = 1
        z = np.round(rng.normal(size=n) + 1.5 * y + math.log(pi / (1 - pi)), digits) + 0.0
        w = {"counts": rng.integers(1, 6, n).astype(float), "lognormal": np.exp(rng.normal(size=n)),
             "decades": 10.0 ** rng.uniform(-3, 3, n)}[kind]
        yield name, y, z, w


def figures(y, z, w):
    p = sigmoid(z)
    return [metrics.average_precision_score(y, z, sample_weight=w), metrics.roc_auc_score(y, z, sample_weight=w),
            metrics.brier_score_loss(y, p, sample_weight=w), metrics.log_loss(y, p, sample_weight=w),
            np.average(y, weights=w)]


def at_threshold(y, z, w):
    """At z >= -1."""
    called = (z >= -1).astype(int)
    ((tn, fp), (fn, tp)) = metrics.confusion_matrix(y, called, sample_weight=w)
    return [tp, fp, fn, tn, metrics.precision_score(y, called, sample_weight=w, zero_division=0),
            metrics.recall_score(y, called, sample_weight=w), metrics.f1_score(y, called, sample_weight=w),
            metrics.matthews_corrcoef(y, called, sample_weight=w)]


def focal(y, z, w, gamma, positive, negative):
    """The weighted mean of the focal loss."""
    margin = np.where(y == 1, z, -z)
    p = sigmoid(margin)
    return np.average(np.where(y == 1, positive, negative) * (1 - p) ** gamma * np.logaddexp(0, -margin), weights=w)


inputs, rows = [], []
for name, y, z, w in cases():
    if name == "counts":
        n = w.astype(int)
        many = np.repeat(y, n), np.repeat(z, n), np.ones(n.sum())
        assert np.allclose(figures(y, z, w), figures(*many), rtol=1e-13, atol=0)
        assert np.allclose(at_threshold(y, z, w), at_threshold(*many), rtol=1e-13, atol=0)
    inputs += [[name, g(score), label, g(weight)] for score, label, weight in zip(z, y, w)]
    rows.append([name, len(y)] + [g(v) for v in figures(y, z, w) + at_threshold(y, z, w)] +
                [g(focal(y, z, w, 2, 3, 1)), g(focal(y, z, w, 0.5, 1, 1))])
write("weighted_inputs.csv", ["case", "score", "label", "weight"], inputs)
write("weighted_figures.csv",
      ["case", "rows", "ap", "roc_auc", "brier", "log_loss", "prevalence", "tp", "fp", "fn", "tn", "precision", "recall",
       "f1", "mcc", "focal_2_3_1", "focal_0.5_1_1"], rows)

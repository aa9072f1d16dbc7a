#!/usr/bin/env python3
"""Stored optima of linear models, from scikit-learn's LogisticRegression, and under focal loss from scipy.

Run from anywhere; writes linear_*.csv beside itself. The tests never run it.

linear_rows.csv: one row of inputs a line: case, label, weight, x0, x1, ... (to be read as float32).
linear_optima.csv: case, l2, gamma, weight_positive, weight_negative, objective, bias, w0, w1, ...

The objective is that of src/nn/newton.h; C = 1 / (l2 x the weight of all rows).
"""
import os

import numpy as np
from scipy import optimize
from sklearn.linear_model import LogisticRegression

HERE = os.path.dirname(os.path.abspath(__file__))


def draw(rng, n, k, n_positive, signal):
    y = np.zeros(n, int)
    y[:n_positive] = 1
    x = rng.normal(size=(n, k)) + signal * y[:, None] * np.linspace(1, -0.5, k)
    return x, rng.permutation(n), y


def cases():
    """Name, inputs, labels, weights, (weight of a positive row, of a negative one)."""
    rng = np.random.default_rng(20261129)
    x, order, y = draw(rng, 60, 3, 24, 6)
    yield "separable", x[order], y[order], None, (1, 1)
    x, order, y = draw(rng, 90, 3, 30, 1)
    x = np.column_stack([x, x[:, 0], x[:, 0] + x[:, 1]])
    yield "collinear", x[order], y[order], None, (1, 1)
    x, order, y = draw(rng, 150, 6, 10, 1)
    yield "ten_positives", x[order], y[order], None, (1, 1)
    x, order, y = draw(rng, 80, 4, 20, 0.7)
    yield "weights", x[order], y[order], np.exp(rng.normal(size=80)), (5, 0.5)
    x, order, y = draw(rng, 100, 4, 30, 0.8)
    yield "scales", x[order] * [100, 1, 0.01, 1] + [500, 0, 0, 3], y[order], None, (1, 1)
    x, order, y = draw(rng, 25, 30, 8, 0.4)
    yield "wide", x[order], y[order], None, (1, 1)


def terms(z, y, gamma, positive, negative):
    """The loss of each row and its derivative by the logit."""
    m = np.where(y == 1, z, -z)
    a = np.where(y == 1, positive, negative)
    p, q, big = 1 / (1 + np.exp(-m)), 1 / (1 + np.exp(m)), np.logaddexp(0, -m)
    slope = -a * q ** gamma * (gamma * p * big + q)
    return a * q ** gamma * big, np.where(y == 1, slope, -slope)


def objective(v, x, y, r, l2, gamma, positive, negative):
    loss, slope = terms(x @ v[1:] + v[0], y, gamma, positive, negative)
    s = r * slope / r.sum()
    return r @ loss / r.sum() + l2 / 2 * v[1:] @ v[1:], np.concatenate([[s.sum()], x.T @ s + l2 * v[1:]])


def by_sklearn(x, y, r, l2, positive, negative):
    c = 1 / (l2 * r.sum())
    model = LogisticRegression(C=c, tol=1e-10, max_iter=100000, solver="newton-cholesky")
    model.fit(x, y, sample_weight=r * np.where(y == 1, positive, negative))
    return np.concatenate([model.intercept_, model.coef_[0]])


def by_scipy(x, y, r, l2, gamma, positive, negative):
    """From several starts, since focal loss is not convex; all must end alike."""
    ends = []
    for start in range(4):
        v = np.random.default_rng(start).normal(size=x.shape[1] + 1) * (start > 0) * 0.3
        for _ in range(3):
            v = optimize.minimize(objective, v, (x, y, r, l2, gamma, positive, negative), "BFGS", jac=True,
                                  options={"gtol": 1e-12, "maxiter": 100000}).x
        ends.append(v)
    assert np.ptp(ends, axis=0).max() < 1e-5, ends
    return ends[0]


def main():
    rows, optima = [], []
    for name, x, y, r, (positive, negative) in cases():
        x = np.round(x, 3).astype(np.float32)
        r32 = np.ones(len(y), np.float32) if r is None else np.round(r, 3).astype(np.float32)
        for i in range(len(y)):
            rows.append([name, y[i], "" if r is None else f"{r32[i]:.3f}"] + [f"{v:.3f}" for v in x[i]])
        xd, rd = x.astype(float), r32.astype(float)
        for l2 in [1, 0.01, 1e-4]:
            v = by_sklearn(xd, y, rd, l2, positive, negative)
            f, g = objective(v, xd, y, rd, l2, 0, positive, negative)
            assert abs(g).max() < 1e-6, (name, l2, abs(g).max())
            optima.append([name, l2, 0, positive, negative, repr(f)] + [repr(float(c)) for c in v])
        if name in ("ten_positives", "weights"):
            for gamma in [0.5, 2]:
                v = by_scipy(xd, y, rd, 0.01, gamma, positive, negative)
                f, g = objective(v, xd, y, rd, 0.01, gamma, positive, negative)
                assert abs(g).max() < 1e-8, (name, gamma, abs(g).max())
                optima.append([name, 0.01, gamma, positive, negative, repr(f)] + [repr(float(c)) for c in v])
    for file, header, lines in [("linear_rows.csv", "case,label,weight,x...", rows),
                                ("linear_optima.csv", "case,l2,gamma,weight_positive,weight_negative,objective,bias,w...",
                                 optima)]:
        with open(os.path.join(HERE, file), "w") as out:
            out.write(header + "\n")
            for line in lines:
                out.write(",".join(map(str, line)) + "\n")


main()

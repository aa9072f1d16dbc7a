#!/usr/bin/env python3
"""Writes ensembles.csv: greedy ensemble selection (Caruana et al. 2004), written down plainly with probabilities and
scikit-learn's log-loss, on rows with weights, models that are equal, and scores at which probabilities saturate."""
import numpy as np
from sklearn.metrics import log_loss

STEPS, MOST, HALF, LEAST = 25, 0.5, 30, 0.1


def probability(z):
    return 1 / (1 + np.exp(-z))


def greedy(y, w, z):
    chosen = []
    for _ in range(STEPS):
        losses = [log_loss(y, np.mean(probability(z[chosen + [k]]), axis=0), sample_weight=w) for k in range(len(z))]
        chosen.append(int(np.argmin(losses)))
    return np.bincount(chosen, minlength=len(z)) / STEPS


def shrunk(share, n_positive):
    t = MOST * n_positive / (n_positive + HALF)
    share = t * share + (1 - t) / len(share)
    share = np.where(share < LEAST / len(share), 0, share)
    return share / share.sum()


def cases():
    rng = np.random.default_rng(14)
    for name, n, sd in [("alike", 60, [1, 1, 1]), ("one is better", 80, [2, 0.3, 2, 2]), ("two", 50, [0.5, 0.6]),
                        ("weights", 70, [1, 0.8, 1.5, 0.9, 3])]:
        eta = rng.normal(-1, 2, n)
        y = (rng.random(n) < probability(eta)).astype(int)
        z = np.round(eta + np.array(sd)[:, None] * rng.normal(size=(len(sd), n)), 3)
        w = np.round(np.exp(rng.normal(size=n)), 3) if name == "weights" else np.ones(n)
        yield name, y, w, z
    yield "equal models", y, w, np.vstack([z[0], z[1], z[1], z[0]])


def numbers(values):
    return " ".join(f"{v:.17g}" for v in np.ravel(values))


with open("ensembles.csv", "w") as file:
    file.write("case,n_models,labels,weights,log_odds,greedy,n_positive,share,losses\n")
    for name, y, w, z in cases():
        share = greedy(y, w, z)
        n_positive = w[y == 1].sum() ** 2 / (w[y == 1] ** 2).sum()
        losses = [log_loss(y, probability(one), sample_weight=w) for one in z]
        file.write(f"{name},{len(z)},{numbers(y)},{numbers(w)},{numbers(z)},{numbers(share)},{n_positive:.17g},"
                   f"{numbers(shrunk(share, n_positive))},{numbers(losses)}\n")

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
    rows = []
    for width in (1, 4):  # standard errors
        for count, n in [(0, 8), (3, 30), (600, 6000), (29, 30)]:
            ci = stats.binomtest(count, n).proportion_ci(2 * stats.norm.cdf(width) - 1, method="wilson")
            rows.append([count, n, width, g(ci.low), g(ci.high)])
    write("eval_wilson_width.csv", ["count", "n", "width", "lo", "hi"], rows)


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


def platt(x, y):
    """Platt's targets; the optimum by scipy, polished to full precision with extended-precision Newton steps."""
    pos, neg = y.sum(), len(y) - y.sum()
    t = np.where(y == 1, (pos + 1) / (pos + 2), 1 / (neg + 2)).astype(np.longdouble)
    design = np.stack([x, np.ones_like(x)], axis=1).astype(np.longdouble)

    def loss(w):
        z = (design @ w).astype(float)
        return float(np.sum(np.logaddexp(0, z) - t.astype(float) * z))

    w = optimize.minimize(loss, [1.0, 0.0], method="Nelder-Mead",
                          options=dict(xatol=1e-9, fatol=1e-12, maxiter=10000)).x.astype(np.longdouble)
    for _ in range(20):
        q = 1 / (1 + np.exp(-(design @ w)))
        gradient = design.T @ (q - t)
        h = q * (1 - q)
        a, b, c = (h * design[:, 0] ** 2).sum(), (h * design[:, 0]).sum(), h.sum()
        w = w - np.array([c * gradient[0] - b * gradient[1], a * gradient[1] - b * gradient[0]]) / (a * c - b * b)
    return float(w[0]), float(w[1])


def em_prior(eta, prior):
    """Saerens et al. 2002, until it stands still."""
    pi = prior
    for _ in range(1000000):
        up, down = eta * pi / prior, (1 - eta) * (1 - pi) / (1 - prior)
        new = float(np.mean(up / (up + down)))
        if abs(new - pi) < 1e-15:
            break
        pi = new
    return pi


def expected_f(p, beta):
    """Best expected F-beta over all thresholds that are one of the probabilities, and that threshold."""
    best = max((((1 + beta ** 2) * p[p >= t].sum() / ((p >= t).sum() + beta ** 2 * p.sum())), t) for t in np.unique(p))
    return best


def maps_and_rules():
    rows, predictions = [], []
    for name, y, z in main_cases():
        slope, intercept = platt(z, y)
        p = sigmoid(z)
        f1, f3 = expected_f(p, 1.0), expected_f(p, 3.0)
        precision, recall, threshold = metrics.precision_recall_curve(y, p)
        at_recall = threshold[recall[:-1] >= 0.8].max()
        enough = precision[:-1] >= 0.25
        reached = recall[:-1][enough].max() if enough.any() else 0
        at_precision = threshold[enough & (recall[:-1] == reached)].max() if reached > 0 else -1
        rows.append([name, g(slope), g(intercept), g(f1[0]), g(f1[1]), g(f3[0]), g(f3[1]),
                     g(at_recall), g(at_precision)])
        iso = IsotonicRegression(out_of_bounds="clip").fit(z, y)
        probes = np.concatenate([np.linspace(z.min() - 1, z.max() + 1, 37), z[:20]])
        predictions.append([name, " ".join(g(v) for v in probes), " ".join(g(v) for v in iso.predict(probes))])
    write("eval_maps.csv", ["case", "slope", "intercept", "f1", "f1_threshold",
                            "f3", "f3_threshold", "recall0.8_threshold", "precision0.25_threshold"], rows)
    write("eval_isotonic.csv", ["case", "log_odds", "probability"], predictions)


def priors():
    """Posteriors that are right for one prevalence, on rows of another; the last case has no maximum inside."""
    rng = np.random.default_rng(5)
    rows = []
    for n, trained, real in [(400, 0.1, 0.3), (1000, 0.1, 0.02), (1000, 0.3, 0.3), (200, 0.2, 0.0), (200, 0.2, 1.0)]:
        y = (rng.random(n) < real).astype(int)
        x = rng.normal(size=n) + 2.2 * y
        z = np.round(2.2 * x - 2.2 ** 2 / 2 + math.log(trained / (1 - trained)), 3)
        found = em_prior(sigmoid(z), trained)
        rows.append([n, g(trained), g(min(max(found, 0.5 / n), 1 - 0.5 / n)), " ".join(g(v) for v in z)])
    write("eval_prior.csv", ["n", "training_prior", "prior", "log_odds"], rows)


def t_quantile(share, df):
    """scipy's ppf has ten digits at small df (12.70620473643 for 12.70620473617): Newton steps on its sf."""
    t = stats.t.ppf(share, df)
    for _ in range(5):
        t += (stats.t.sf(t, df) - (1 - share)) / stats.t.pdf(t, df)
    return t


def t_975(df):
    return t_quantile(0.975, df)


def student():
    rows = []
    for df in [1, 2, 3, 4, 9, 14, 29, 99.5, 1000]:
        rows.append(["quantile", g(0.975), g(df), g(t_975(df))])
        for t in [0.01, 0.5, 1.7, 3.2, 12.0]:
            rows.append(["two_sided", g(t), g(df), g(2 * stats.t.sf(t, df))])
    write("eval_student.csv", ["what", "at", "df", "value"], rows)


def weighted_ap(y, z, w):
    order = np.argsort(-z, kind="stable")
    y, z, w = y[order], z[order], w[order]
    ends = np.append(np.nonzero(np.diff(z))[0], len(z) - 1)
    tp, called = np.cumsum(y * w)[ends], np.cumsum(w)[ends]
    precision = np.divide(tp, called, out=np.zeros(len(ends)), where=called > 0)
    return float(np.sum(np.diff(np.append(0, tp)) * precision) / tp[-1])


def compare():
    """Two classifiers on 2 repeats of 3 folds; the bootstrap as compare.h describes it, 8,000 resamples by numpy."""
    rng = np.random.default_rng(11)
    n, floor = 300, 0.5
    y = (rng.random(n) < 0.15).astype(int)
    noise = rng.normal(size=n)
    folds, inputs = [], []
    for repeat in range(2):
        fold = np.empty(n, dtype=int)
        for c in (0, 1):
            rows = rng.permutation(np.nonzero(y == c)[0])
            fold[rows] = np.arange(len(rows)) % 3
        for f in range(3):
            rows = np.nonzero(fold == f)[0]
            a = np.round(noise[rows] + 1.2 * y[rows] + 0.5 * rng.normal(size=len(rows)), 1) + 0.0
            b = np.round(noise[rows] + 1.6 * y[rows] + 0.5 * rng.normal(size=len(rows)), 1) + 0.0
            folds.append((repeat, rows, a, b))
            inputs.append([repeat, " ".join(map(str, rows)), " ".join(map(str, y[rows])), " ".join(g(v) for v in a),
                           " ".join(g(v) for v in b)])
    write("eval_compare_inputs.csv", ["repeat", "rows", "labels", "score_a", "score_b"], inputs)

    def mean_aps(w):
        return [np.mean([weighted_ap(y[rows], (a, b)[k], w[rows]) for _, rows, a, b in folds]) for k in (0, 1)]

    per_fold = np.array([[metrics.average_precision_score(y[rows], s) for s in (a, b)] for _, rows, a, b in folds])
    recall = np.array([[recall_at_precision(s, y[rows], floor) for s in (a, b)] for _, rows, a, b in folds])
    boot = []
    for _ in range(8000):
        w = np.zeros(n)
        for repeat, rows, _, _ in folds:
            if repeat == 0:
                for c in (0, 1):
                    of_class = rows[y[rows] == c]
                    k = len(of_class)
                    w[of_class] = rng.multinomial(k - 1, np.full(k, 1 / k)) * k / (k - 1)
        boot.append(mean_aps(w))
    boot = np.array(boot)
    rows = []
    for name, values, sample in [("ap_a", per_fold[:, 0], boot[:, 0]), ("ap_b", per_fold[:, 1], boot[:, 1]),
                                 ("ap_b-a", per_fold[:, 1] - per_fold[:, 0], boot[:, 1] - boot[:, 0]),
                                 ("recall_b-a", recall[:, 1] - recall[:, 0], None)]:
        error = math.sqrt((1 / 6 + 100 / 200) * values.var(ddof=1))
        half = t_975(5) * error
        p = 2 * stats.t.sf(abs(values.mean()) / error, 5)
        by_rows = "" if sample is None else g(total_error(values, 2, sample.std(ddof=1), y.sum()))
        rows.append([name, g(values.mean()), g(values.mean() - half), g(values.mean() + half), g(p), by_rows])
    write("eval_compare.csv", ["figure", "mean", "t_lo", "t_hi", "t_p", "error"], rows)


def total_error(values, repeats, rows_error, n_rare):
    """The square root of the three parts that spread.h names."""
    n_of_repeat = len(values) / repeats
    between = np.var(values, ddof=1) if len(values) > 1 else 0
    trainings = max(0, between - n_of_repeat * rows_error**2) / len(values)
    return math.sqrt(rows_error**2 * (1 + 15 / n_rare) + trainings)


def wilson(share, n, z):
    """The shares whose score test does not reject `share`, by root finding."""

    def excess(p):
        return (share - p) ** 2 * n - z * z * p * (1 - p)

    low = 0 if share == 0 else optimize.brentq(excess, 0, share - 1e-9, xtol=1e-15)
    high = 1 if share == 1 else optimize.brentq(excess, share + 1e-9, 1, xtol=1e-15)
    return low, high


def spreads():
    """Means over folds with their errors, intervals, p values and detectable differences."""
    cases = [("share", [0.3, 0.4, 0.5, 0.6, 0.7], 1, 0.05, 20), ("share", [0.3, 0.4, 0.5, 0.6, 0.7], 1, 0.2, 20),
             ("share", [0.99, 1, 1, 0.98, 0.99, 1], 2, 0.004, 20), ("share", [0, 0, 0], 1, 0, 12),
             ("share", [1, 1, 1, 1], 2, 0, 60), ("share", [0, 0], 1, 0, 0), ("share", [0.02, 0, 0.01], 3, 0.006, 50),
             ("correlation", [-0.02, 0.01, -0.0113], 1, 0.04, 9), ("correlation", [0.9, 0.95, 0.97, 0.9], 2, 0.02, 9),
             ("correlation", [-0.99, -0.98], 1, 0.01, 9),
             ("positive", [0.2, 0.1, 0.15], 1, 0.09, 0), ("positive", [1.9, 2.1, 2.2, 2.0], 2, 0.05, 0),
             ("difference", [0.01, 0.03, -0.01, 0.02, 0.03, 0.01], 2, 0.004, 0),
             ("difference", [0.01, 0.03, -0.01, 0.02, 0.03, 0.01], 2, 0.02, 0),
             ("difference", [-0.2, -0.21, -0.19], 3, 0.01, 0), ("difference", [0.1], 1, 0.04, 0)]
    rows = []
    for kind, values, repeats, rows_error, n_behind in cases:
        mean, n_rare = np.mean(values), 40
        error = total_error(values, repeats, rows_error, n_rare)
        t = t_975(n_rare - 1)
        if kind == "difference":
            low, high = mean - t * error, mean + t * error
        elif kind == "positive":
            low, high = np.exp(np.log(mean) - t * error / mean), np.exp(np.log(mean) + t * error / mean)
        elif kind == "correlation":
            share = (1 + mean) / 2
            low, high = (2 * bound - 1 for bound in wilson(share, share * (1 - share) / (error / 2) ** 2, t))
        elif n_behind == 0:
            low, high = 0, 1
        else:
            low, high = wilson(mean, mean * (1 - mean) / error**2 if 0 < mean < 1 else n_behind, t)
        p = 2 * stats.t.sf(abs(mean) / error, n_rare - 1) if error else float(mean == 0)
        detectable = (t + t_quantile(0.8, n_rare - 1)) * error
        rows.append([kind, " ".join(map(g, values)), g(n_rare), g(repeats), g(rows_error), g(n_behind)] +
                    [g(v) for v in (mean, error, low, high, p, detectable)])
    write("eval_spread.csv", ["range", "values", "n_rare", "repeats", "rows_error", "n_behind", "mean", "error", "lo",
                              "hi", "p", "detectable"], rows)


if __name__ == "__main__":
    student()
    compare()
    spreads()
    priors()
    maps_and_rules()
    figures()
    intervals()
    chance()

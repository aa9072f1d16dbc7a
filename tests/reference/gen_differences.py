"""Writes differences.csv: p-values of the difference between two shares, from scipy's Wilson intervals, and their
adjustment by Holm as R's p.adjust defines it: cummax((n - i + 1) p(i)), at most 1."""
import numpy as np
from scipy.stats import binomtest, norm

SHARES = [(12, 40, 30, 60), (0, 3, 12, 20), (5, 5, 10, 20), (100, 1000, 160, 1000), (7, 10, 70, 100), (1, 2, 1, 2)]


def wilson(k, n):
    interval = binomtest(k, n).proportion_ci(method="wilson")
    return k / n, interval.low, interval.high


def p_value(k1, n1, k2, n2):
    (a, al, ah), (b, bl, bh) = wilson(k1, n1), wilson(k2, n2)
    if a == b:
        return 1.0
    half = np.hypot(ah - a, b - bl) if a < b else np.hypot(a - al, bh - b)
    return 2 * norm.sf(abs(a - b) / half * norm.isf(0.025))


p = np.array([p_value(*shares) for shares in SHARES])
order = np.argsort(p, kind="stable")
adjusted = np.empty(len(p))
adjusted[order] = np.minimum(1, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
with open("differences.csv", "w") as file:
    file.write("found1,n1,found2,n2,p,holm\n")
    for shares, one, holm in zip(SHARES, p, adjusted):
        file.write(",".join(map(str, shares)) + f",{one:.17g},{holm:.17g}\n")

#!/usr/bin/python3
"""Writes scales.csv: what numpy and scikit-learn make of a column under standard, robust and quantile scale.
usage: gen_scales.py > scales.csv        (Debian's python3-sklearn)

Lines: scale,column,fit,x,out. Those with fit = 1 are the column's fit rows; out is the scaled x of every line. Column
"large" has more rows than quantiles (1,000): x = (i * 7919 % 1501)^2 / 1024 for i < 1501, of which only some are written;
its lines all have fit = 0. Lines "quartile" hold a column's linear quantile at x, lines "normal" the normal quantile.

Standard scale is StandardScaler's after np.clip at the fences, five widths of the middle half beyond it; what is beyond
them itself goes on as log(1 + distance). Robust scale divides by the range of clipped values if the middle half is one
value. Columns "typo" and "sparse" have values of 1e9 and -1e9, "sparse" is mostly 0, and so is "half", a fifth of
which is 5: their fences are those of their other values.

"ties" has 65 rows: i / 64 is exact, so that equal values have equal quantiles to the bit. All columns keep away from two
habits of QuantileTransformer that ours does not share: it takes all values within 1e-7 of the smallest one to be beyond
it, and so a smallest value that many rows have (ours gives it the middle of their ranks)."""
import numpy as np
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer, StandardScaler

rng = np.random.default_rng(2)
columns = {
    "plain": rng.normal(5, 3, 40).round(4),
    "skewed": np.exp(rng.normal(0, 2, 57)).round(5),
    "ties": np.concatenate([[-9.5], np.repeat([0.0, 1.0, 2.5], [36, 17, 9]), [7.25, 44.0]]),
    "two": np.array([3.0, 4.5]),
    "typo": np.append(rng.normal(-2, 0.5, 60).round(4), [1e9, -1e9, 3.75, 0.5]),
    "sparse": np.concatenate([np.zeros(81), rng.gamma(2, 2, 12).round(3), [-0.5, 1e9]]),
    "half": np.concatenate([np.zeros(80), np.full(20, 5.0)]),
}
new = {"plain": [-100, 5, 5.5, 100], "skewed": [0, 1, 1e6], "ties": [-20, -1, 0.5, 1.75, 100], "two": [3.3, 4.0, 9],
       "typo": [-7, -6, 2, 3, 1e12, 1e308, -1e308], "sparse": [-20, 22, 60, 1e6, -1e6],
       "half": [-21, -26, 29, 31, 1e5]}
used = {"standard": columns, "robust": ["typo", "sparse", "half"], "quantile": ["plain", "skewed", "ties", "two"]}
large = np.array([(i * 7919 % 1501) ** 2 / 1024 for i in range(1501)])


def fences(fit):
    low, high = np.quantile(fit, [0.25, 0.75])
    if low == high:
        others = np.quantile(fit[fit != low], [0.25, 0.75])
        low, high = min(low, others[0]), max(high, others[1])
    return low - 5 * (high - low), high + 5 * (high - low)


def standard(fit, x):
    ends = fences(fit)
    scaler = StandardScaler().fit(np.clip(fit, *ends)[:, None])
    t, (low, high) = (scaler.transform(np.array(v)[:, None])[:, 0] for v in (x, ends))
    return np.where(t > high, high + np.log1p(np.maximum(t - high, 0)),
                    np.where(t < low, low - np.log1p(np.maximum(low - t, 0)), t))


def robust(fit, x):
    q1, median, q3 = np.quantile(fit, [0.25, 0.5, 0.75])
    clipped = np.clip(fit, *fences(fit))
    t = (x - median) / (q3 - q1 if q3 > q1 else (clipped.max() - clipped.min()) / 2)
    return t / np.hypot(1, t / 3)


def scaled(scale, fit, x):
    if scale != "quantile":
        return {"standard": standard, "robust": robust}[scale](np.asarray(fit, float), np.asarray(x, float))
    fit, x = np.asarray(fit, float)[:, None], np.asarray(x, float)[:, None]
    n = min(1000, len(fit))
    return QuantileTransformer(n_quantiles=n, output_distribution="normal", subsample=10**9).fit(fit).transform(x)[:, 0]


print("scale,column,fit,x,out")
for scale in used:
    for name in used[scale]:
        fit = columns[name]
        x = np.concatenate([fit, new[name]])
        for i, (value, out) in enumerate(zip(x, scaled(scale, fit, x))):
            print(f"{scale},{name},{int(i < len(fit))},{value!r},{out:.17g}")
    if scale == "robust":
        continue
    x = np.concatenate([large[::50], [-1.0, 0.3, 77.7, 2000.5, 1e9]])
    for value, out in zip(x, scaled(scale, large, x)):
        print(f"{scale},large,0,{value!r},{out:.17g}")
for q in (0, 0.25, 0.5, 0.75, 1):
    print(f"quartile,ties,0,{q},{np.quantile(columns['ties'], q):.17g}")
for q in (0, 0.25, 0.5, 0.75, 1):
    print(f"quartile,skewed,0,{q},{np.quantile(columns['skewed'], q):.17g}")
for p in (1e-10, 1e-7, 1e-3, 0.02425, 0.074, 0.0751, 0.3, 0.5, 0.8, 0.9249, 0.93, 0.99, 1 - 1e-7):
    print(f"normal,,0,{p!r},{norm.ppf(p):.17g}")

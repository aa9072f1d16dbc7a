#!/usr/bin/python3
"""Writes scout_rows.csv and scout_splits.csv: random rows, and the splits that XGBoost makes of them.
usage: gen_scout_reference.py, in tests/reference        (Debian's python3-xgboost, 1.7.4)

scout_rows.csv: y, weight, and four columns of 250 rows: normal, normal with missing cells, few values, and one that is
missing where y is mostly 1, so that trees part missing cells from all others. scout_splits.csv: run, column, threshold and
gain, summed over all splits at that threshold (empty: missing cells from all others). Runs are named by the number of
trees, the depth, and "weighted" where weights were used. exact: 250 rows have fewer distinct values than the scout has
bins, so the same splits are on offer."""
import numpy as np
import xgboost

rng = np.random.default_rng(14)
n = 250
x = np.column_stack([rng.normal(0, 1, n), rng.normal(3, 2, n), rng.integers(0, 6, n), rng.exponential(1, n)]).round(3)
logit = 1.5 * (x[:, 0] > 0.4) - 2 * (x[:, 1] > 4.2) + 0.8 * (x[:, 2] == 5) + 0.3 * x[:, 0] * x[:, 3] - 0.8
y = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
weight = rng.integers(1, 5, n) / 2
x[rng.random(n) < 0.2, 1] = np.nan
x[rng.random(n) < np.where(y == 1, 0.6, 0.01), 3] = np.nan

with open("scout_rows.csv", "w") as file:
    print("y,weight,a,b,c,d", file=file)
    for i in range(n):
        cells = ["" if np.isnan(v) else f"{v:g}" for v in x[i]]
        print(f"{y[i]},{weight[i]:g},{','.join(cells)}", file=file)

with open("scout_splits.csv", "w") as file:
    print("run,trees,depth,weighted,column,threshold,gain", file=file)
    for n_trees, depth, weighted in ((1, 1, 0), (1, 4, 0), (1, 4, 1), (3, 4, 0), (5, 2, 1)):
        w = weight / weight.mean() if weighted else np.ones(n)
        base = (w * y).sum() / w.sum()
        data = xgboost.DMatrix(x, y, weight=w, feature_names=list("abcd"))
        booster = xgboost.train({"objective": "binary:logistic", "tree_method": "exact", "eta": 0.1, "lambda": 1,
                                 "min_child_weight": 1, "max_depth": depth, "base_score": base}, data, n_trees)
        frame = booster.trees_to_dataframe()
        frame = frame[frame["Feature"] != "Leaf"]
        for (column, threshold), gain in frame.groupby(["Feature", "Split"])["Gain"].sum().items():
            beyond = threshold > np.nanmax(x[:, "abcd".index(column)])
            text = "" if beyond else f"{threshold:.6g}"
            print(f"{n_trees}-{depth}-{weighted},{n_trees},{depth},{weighted},{column},{text},{gain:.6g}", file=file)

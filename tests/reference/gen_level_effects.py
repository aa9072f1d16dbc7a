#!/usr/bin/python3
"""Writes level_effects.csv: target statistics of a category's levels by pandas.
usage: gen_level_effects.py > level_effects.csv        (Debian's python3-pandas)

Lines: kind,level,weight,label,value. Lines "row" are the rows of a table (an empty level is missing; levels in fewer than
five rows are others). Lines "effect" hold the effect of each known level, of "" (missing) and of "?" (all others), as
prep/level_effects.h says: the prior's rows by the method of moments. Lines "scale" hold the mean and the standard deviation of the effects over the rows."""
import numpy as np
import pandas as pd

rng = np.random.default_rng(14)
n = 900
levels = np.array([f"l{i}" for i in range(45)] + ["", "rare1", "rare2"])
frequency = np.concatenate([1 / np.arange(1, 46) ** 0.7, [0.5, 0.002, 0.002]])
level = rng.choice(levels, n, p=frequency / frequency.sum())
share = dict(zip(levels, rng.beta(1, 5, len(levels))))
rows = pd.DataFrame({"level": level, "weight": rng.choice([0.5, 1, 2, 3.25], n)})
rows["label"] = (rng.random(n) < rows.level.map(share)).astype(int)

counts = rows.level.value_counts()
rows["place"] = rows.level.where((rows.level == "") | (rows.level.map(counts) >= 5), "?")
prior = np.average(rows.label, weights=rows.weight)
rows["positive"] = rows.label * rows.weight
sums = rows.groupby("place")[["positive", "weight"]].sum()
beyond = ((sums.positive - sums.weight * prior) ** 2).sum() - prior * (1 - prior) * sums.weight.sum()
m = max(10, prior * (1 - prior) * (sums.weight**2).sum() / beyond) if beyond > 0 else np.inf
smooth = (sums.positive + m * prior) / (sums.weight + m)
effect = np.log(smooth / (1 - smooth)) - np.log(prior / (1 - prior))
if "?" not in effect:
    effect["?"] = 0.0
of_rows = rows.place.map(effect)
mean = np.average(of_rows, weights=rows.weight)
sd = np.sqrt(np.average((of_rows - mean) ** 2, weights=rows.weight))

print("kind,level,weight,label,value")
for row in rows.itertuples():
    print(f"row,{row.level},{row.weight},{row.label},")
for place, value in effect.items():
    print(f"effect,{place},,,{value:.17g}")
print(f"scale,mean,,,{mean:.17g}\nscale,sd,,,{sd:.17g}")

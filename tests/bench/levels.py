#!/usr/bin/python3
"""How well tables of many categorical columns are learnt, like those of vehicle insurance, whose true probabilities are known.

usage: levels.py WORLD SEEDS PROGRAM[,PROGRAM...] [OPTION...]      (Debian's python3-pandas, python3-sklearn)

Draws a table for each of SEEDS (1,2,3), trains each program on it with the options, and prints PR-AUC on 20,000 fresh rows
beside that of the true probabilities. The frequencies of a column's levels fall as 1 / rank^0.8; each level has a normal
effect on the log-odds, and so have the cells of three pairs of columns; three numeric columns matter as well."""
import io
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

INSURANCE = [2, 3, 4, 6, 8, 12, 20, 40, 80, 120, 200, 300]
WORLDS = {  # rows, levels of each column, standard deviation of their effects (0: up to 12 levels .6, beyond none), share
    "many": (8000, INSURANCE, 0.6, 0.04),
    "rare": (15000, [2, 3, 5, 8, 20, 50, 100, 150, 200, 300, 300, 300], 0.6, 0.015),
    "small": (5000, INSURANCE, 0.6, 0.06),
    "few": (8000, [2, 3, 4, 5, 6, 8, 8, 10, 12, 15, 20, 25], 0.45, 0.04),
    "noise": (8000, INSURANCE, 0, 0.04),
}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def intercept(z, share):
    low, high = -20, 20
    for _ in range(60):
        middle = (low + high) / 2
        if np.mean(sigmoid(z + middle)) < share:
            low = middle
        else:
            high = middle
    return low


def table(world, seed, n_fresh=20000):
    n_rows, n_levels, sd, share = WORLDS[world]
    rng = np.random.default_rng(seed)
    n, codes, z = n_rows + n_fresh, [], 0
    for k in n_levels:
        frequency = 1 / np.arange(1, k + 1) ** 0.8
        codes.append(rng.choice(k, n, p=frequency / frequency.sum()))
        z = z + rng.normal(0, sd or (0.6 if k <= 12 else 0), k)[codes[-1]]
    for _ in range(3):
        i, j = rng.choice(7, 2, replace=False)
        z += rng.normal(0, 0.5, (n_levels[i], n_levels[j]))[codes[i], codes[j]]
    numbers = rng.normal(size=(n, 3))
    z += 0.5 * numbers[:, 0] + 0.4 * (np.abs(numbers[:, 1]) - 0.8)
    truth = sigmoid(z + intercept(z, share))
    columns = {f"c{i}": np.char.add("v", code.astype(str)) for i, code in enumerate(codes)}
    columns |= {f"n{i}": numbers[:, i].round(4) for i in range(3)}
    rows = pd.DataFrame(columns | {"y": (rng.random(n) < truth).astype(int)})
    return rows[:n_rows], rows[n_rows:], truth[n_rows:]


def scores(program, options, rows, fresh):
    def run(*arguments):
        return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout

    with tempfile.TemporaryDirectory() as folder:
        rows.to_csv(f"{folder}/rows.csv", index=False)
        fresh.drop(columns="y").to_csv(f"{folder}/fresh.csv", index=False)
        run("train", *options, "--target", "y", "--positive", "1", "--test-fraction", "0", "-o", f"{folder}/model",
            f"{folder}/rows.csv")
        return pd.read_csv(io.StringIO(run("predict", f"{folder}/model", f"{folder}/fresh.csv")))["score"]


def main(world, seeds, programs, *options):
    print("world,seed,attainable," + programs)
    for seed in map(int, seeds.split(",")):
        rows, fresh, truth = table(world, seed)
        got = [truth] + [scores(program, options, rows, fresh) for program in programs.split(",")]
        print(f"{world},{seed}," + ",".join(f"{average_precision_score(fresh.y, s):.4f}" for s in got), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/python3
"""What drawing the negative rows of an epoch costs and gains: negatives.py PROGRAM GENERATE WORLD... SEEDS

Draws other rows like those of data/WORLD.csv with each of SEEDS (1,2,3), trains on them with all negative rows in each
epoch and as the program does by default, and scores 12 more draws. Prints for each seed, and in the mean with the
standard error of the difference: PR-AUC, log-loss, seconds of processor time on one thread. Needs Debian's
python3-pandas and python3-sklearn."""
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, log_loss

program, generate, *worlds, seeds = sys.argv[1:]
N_FRESH = 12
WAYS = (("all", ["--negatives", "all"]), ("default", []))


def draw(world, seed):
    return subprocess.run([generate, "other", world, str(seed)], check=True, capture_output=True, text=True).stdout


def processor_seconds():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def judge(options, data, fresh, positive, folder):
    """PR-AUC, log-loss and seconds of training."""
    model, scored = os.path.join(folder, "model.safetensors"), os.path.join(folder, "scored.csv")
    before = processor_seconds()
    subprocess.run([program, "train", "-q", "--threads", "1", "--test-fraction", "0", "--loss", "focal", "--gamma", "2",
                    "-o", model, *options, data], check=True, stdout=subprocess.DEVNULL)
    seconds = processor_seconds() - before
    subprocess.run([program, "predict", "-q", "-o", scored, model, fresh], check=True, stdout=subprocess.DEVNULL)
    probability = pd.read_csv(scored)["probability"].to_numpy()
    return average_precision_score(positive, probability), log_loss(positive, probability), seconds


def main():
    with tempfile.TemporaryDirectory() as folder:
        data, fresh = os.path.join(folder, "data.csv"), os.path.join(folder, "fresh.csv")
        for world in worlds:
            draws = [draw(world, 1000 + i) for i in range(1, N_FRESH + 1)]
            with open(fresh, "w") as out:
                out.write(draws[0] + "".join(text.split("\n", 1)[1] for text in draws[1:]))
            labels = pd.concat([pd.read_csv(io.StringIO(text), dtype=str).iloc[:, -1] for text in draws])
            positive = (labels == labels.value_counts().index[-1]).to_numpy()
            found = {name: [] for name, _ in WAYS}
            for seed in seeds.split(","):
                with open(data, "w") as out:
                    out.write(draw(world, seed))
                for name, options in WAYS:
                    found[name].append(judge(options, data, fresh, positive, folder))
                    print(f"{world} {seed:>3} {name:8} PR-AUC {found[name][-1][0]:.4f}, log-loss {found[name][-1][1]:.5f}, "
                          f"{found[name][-1][2]:5.1f} s", flush=True)
            a, b = (np.array(found[name]) for name, _ in WAYS)
            gain, less = b[:, 0] - a[:, 0], a[:, 1] - b[:, 1]
            error = [statistics.stdev(x) / len(x) ** 0.5 if len(x) > 1 else float("nan") for x in (gain, less)]
            print(f"{world} in the mean: PR-AUC {a[:, 0].mean():.4f} to {b[:, 0].mean():.4f} ({gain.mean():+.4f} +- {error[0]:.4f}), "
                  f"log-loss {a[:, 1].mean():.5f} to {b[:, 1].mean():.5f} ({-less.mean():+.5f} +- {error[1]:.5f}), "
                  f"{a[:, 2].mean():.1f} to {b[:, 2].mean():.1f} s")


main()

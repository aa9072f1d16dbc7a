#!/usr/bin/env python3
"""How true the progress is: for each long thing, seconds that were said to be left against those that came.

usage: progress.py FLTRAIN BUILD
"""
import json
import os
import subprocess
import sys
import tempfile
import time

FROM = 0.1  # of the work: before, nothing is promised
RARE = 3  # seconds: shorter pieces show too few lines to judge

FAST = ["--preset", "fast", "--no-model"]
THINGS = {
    "train a large file": ["train", *FAST, "--epochs", "2", "big.csv"],
    "train one network": ["train", *FAST, "--epochs", "40", "--patience", "40", "middle.csv"],
    "train, the default": ["train", "-o", "model.safetensors", "small.csv"],
    "cv": ["cv", "--preset", "fast", "small.csv"],
    "compare": ["compare", "--preset", "fast", "small.csv"],
    "check": ["check", "small.csv"],
    "predict": ["predict", "-o", "scored.csv", "model.safetensors", "middle.csv"],
    "evaluate": ["evaluate", "model.safetensors", "middle.csv"],
    "explain": ["explain", "model.safetensors", "small.csv"],
}


def watch(command):
    """(doing, seconds from the start, share, seconds left) of each line, and when the program ended."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr:
        at = time.monotonic() - began
        line = json.loads(line)
        said.append((line["doing"], at, line["share"], line["seconds_left"]))
    if process.wait() != 0:
        sys.exit(f"progress: {' '.join(command)}: exit {process.returncode}")
    return said, time.monotonic() - began


def pieces(said, ended):
    """Each piece of work in turn: its name, start, end and what was said during it."""
    starts = [i for i, line in enumerate(said) if i == 0 or line[0] != said[i - 1][0]]
    for start, after in zip(starts, starts[1:] + [len(said)]):
        begun = 0 if start == 0 else said[start][1]
        yield said[start][0], begun, said[after][1] if after < len(said) else ended, said[start:after]


def main():
    program, build = (os.path.abspath(path) for path in sys.argv[1:])
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name, rows in ("big", 3_000_000), ("middle", 300_000), ("small", 20_000):
            subprocess.run([os.path.join(build, "bench/big_table"), f"{name}.csv", str(rows), "12"], check=True)
        print(f"{'':20} {'':10} seconds   {'said, of what came, after a tenth':>34}")
        print(f"{'':20} {'doing':10} {'':7} {'lines':>7} {'least':>8} {'middle':>8} {'most':>8}")
        for thing, arguments in THINGS.items():
            for doing, begun, ended, lines in pieces(*watch([program, *arguments, "-q", "--progress", "json"])):
                ratios = sorted((at - begun + left) / (ended - begun) for _, at, share, left in lines
                                if share is not None and left is not None and share >= FROM)
                if ended - begun < RARE or not ratios:
                    continue
                print(f"{thing:20} {doing:10} {ended - begun:7.1f} {len(ratios):7} {ratios[0]:8.2f} "
                      f"{ratios[len(ratios) // 2]:8.2f} {ratios[-1]:8.2f}", flush=True)


main()

#!/usr/bin/env python3
"""Walks every option through every command: tests/options.py PROGRAM [OPTION...]

An option either changes bytes (what is printed, the exit code, a file), on an input made for it, or the command refuses
it as unknown. So no command takes an option and then leaves it aside.
"""
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile

COMMANDS = ("train", "compare", "cv", "predict", "evaluate", "explain", "check", "inspect", "export", "report")
SMALL = "--preset fast --epochs 2 --hidden 4"
BASE = {
    "train": f"{SMALL} --log base.log d.csv",
    "compare": f"{SMALL} --folds 2 --repeats 1 d.csv",
    "cv": f"{SMALL} --folds 2 --repeats 1 --predictions base.csv d.csv",
    "predict": "m.safetensors d.csv",
    "evaluate": "m.safetensors d.csv",
    "explain": "m.safetensors d.csv",
    "check": "d.csv",
    "inspect": "m.safetensors",
    "export": "--verify d.csv -o base.c m.safetensors",
    "report": "r.json",
}

# A value, what must stand beside it, the file that takes the place of d.csv.
EXAMPLES = {
    "target": ("z",), "positive": ("0",), "id": ("n",), "drop": ("a",), "categorical": ("b",), "numeric": ("c",),
    "date": ("day",), "date-order": ("mdy", "--date when"), "na": ("red",), "delimiter": ("|",), "decimal": (",",),
    "header": ("no",), "skip-lines": ("2",), "bad-rows": ("skip", "", "ragged.csv"),
    "missing-target": ("drop", "", "untold.csv"), "missing-time": ("drop", "--time day", "timeless.csv"),
    "attainable-ap": ("0.9",), "test": ("other.csv",), "test-fraction": ("0.3",), "validation-fraction": ("0.3",),
    "time": ("day",), "group": ("g",), "identical": ("apart",), "seed": ("2",), "folds": ("3",), "repeats": ("2",),
    "weight": ("w",), "variant": ("flat: --gamma 1",), "learning-curve": (None,), "scale": ("robust",), "steps": ("8",),
    "loss": ("focal",), "gamma": ("1", "--loss focal"), "alpha": ("0.7",), "pos-weight": ("3",),
    "output-bias": ("zero",), "preset": ("default",), "recipe": ("embedded",), "members": ("3",), "hidden": ("3",),
    "activation": ("tanh",), "dropout": ("0.5",), "embedding": ("pbld",), "front-scale": ("yes",), "ema": ("0.9", "--epochs 20 --lr 1"),
    "optimizer": ("adam",), "lr": ("0.1",), "momentum": ("0.5", "--optimizer sgd"),
    "nesterov": (None, "--optimizer sgd --momentum 0.9"), "weight-decay": ("0.5",), "schedule": ("constant",),
    "batch": ("16",), "negatives": ("1",), "order": ("blocks", "--epochs 20 --lr 1"), "epochs": ("3",), "patience": ("1", "--epochs 60 --lr 1"), "monitor": ("ap", "--epochs 20 --lr 1"),
    "clip": ("0.001",), "threshold": ("0.3",), "calibrate": ("platt",), "prior": ("0.02",), "by": ("c",),
    "group-columns": ("a,b",), "sample": ("100",), "require": ("rows>=1",), "output": ("o",), "no-model": (None,), "background": ("5",), "reasons": ("2",), "keep-all": (None,), "follow": (None,),
    "strict": (None, "", "changed.csv"), "json": ("j",), "predictions": ("p",), "suspects": ("s",), "report": ("h",), "card": ("c",), "log": ("l",),
    "curves": ("u",), "to": ("onnx",), "verify": ("other.csv",), "precision": ("int8",), "max-size": ("64",), "checkpoint": ("none/k",), "resume": ("none",), "print-config": (None,), "quiet": (None, "", "leak.csv"),
    "plot": (None,), "progress": ("json",), "verbose": (None,), "help": (None,), "version": (None,), "help-markdown": (None,), "help-manual": (None,),
}
# They promise to change no result, or change one only where another option asks for it.
KEEP_ALL_BYTES = {"no-clobber": None, "threads": "2", "memory-limit": "1G", "cache": "store", "force": None, "config": "empty.conf"}
QUIET_ALREADY = {("quiet", command) for command in ("check", "inspect", "export", "report")}  # they have no warnings here
OWN_VARIANT = "--variant 'own: --lr 0.01'"
OWN = {  # an example of another kind for one command
    ("quiet", "predict"): (None, "", "changed.csv"), ("quiet", "evaluate"): (None, "", "changed.csv"),
    ("output", "export"): ("o.c",),
    ("require", "evaluate"): ("ap>=0",), ("verbose", "check"): (None, "", "wide.csv"),
    ("numeric", "predict"): ("a", "", "odd.csv"), ("numeric", "evaluate"): ("a", "", "odd.csv"),
    # What the variants of compare have in common; those that are built in set it themselves.
    ("loss", "compare"): ("focal", OWN_VARIANT), ("gamma", "compare"): ("1", f"--loss focal {OWN_VARIANT}"),
    ("alpha", "compare"): ("0.7", OWN_VARIANT), ("pos-weight", "compare"): ("3", OWN_VARIANT),
    ("output-bias", "compare"): ("zero", OWN_VARIANT),
    ("group", "evaluate"): ("g", "--threshold recall>=0.5", "other.csv"),
    ("quiet", "explain"): (None, "", "changed.csv"), ("numeric", "explain"): ("a", "", "odd.csv"),
}


def rows(n, seed):
    r = random.Random(seed)
    table = ["n,a,b,c,day,when,g,w,z,y"]
    for i in range(n):
        y = int(r.random() < 0.25)
        table.append(f"K{i},{r.gauss(y, 1):.3f},{r.randrange(9) + 3 * y},{r.choice(['red', 'blue', 'green'])},"
                     f"2024-{1 + i // 28:02d}-{1 + i % 28:02d},{1 + i % 12:02d}/{1 + i % 11:02d}/2024,g{i % 30},"
                     f"{r.randrange(1, 4)},{int(r.random() < 0.3)},{y}")
    return table + [line.replace("K", "L", 1) for line in table[20:60]]


def put(table, column, text, every):
    done = [table[0]]
    for i, line in enumerate(table[1:]):
        cells = line.split(",")
        if i % every == 0:
            cells[column] = text
        done.append(",".join(cells))
    return done


def wider(table):
    """With more columns than a report shows by itself."""
    names = ",".join(f"more{i}" for i in range(40))
    return [f"{names},{table[0]}"] + [",".join(str(i * (7 + c) % 101) for c in range(40)) + f",{line}"
                                      for i, line in enumerate(table[1:])]


def write_files(folder):
    table = rows(250, 1)
    changed = put(table, 1, "900000", 1)
    files = {"d.csv": table, "other.csv": rows(200, 2), "ragged.csv": table + ["1,2,3"], "untold.csv": put(table, 9, "", 50),
             "leak.csv": [line[:-3] + line[-1] + line[-2:] if line[-1].isdigit() else line for line in table],
             "timeless.csv": put(table, 4, "", 50), "changed.csv": changed, "wide.csv": wider(table), "odd.csv": put(table, 1, "much", 50), "empty.conf": [],
             "r.json": ['{"schema":"fltrain.check/1"}']}
    for name, lines in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write("".join(line + "\n" for line in lines))


def without_times(text):
    """Without times, and without the line breaks and blanks that follow their widths."""
    text = re.sub(rb'"seconds[a-z_]*":(\{[^}]*\}|[^,}]*)', b"", text)
    text = re.sub(rb"\d+(\.\d+)?(e-?\d+)? ?(min|ms|us|s)\b|\d+(\.\d+)? times as long", b"T", text)
    return re.sub(rb"\s+", b" ", text)


def outcome(program, words, model):
    """Exit code, what was printed, and every file that was written; None if the option is unknown."""
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder)
        if model:
            with open(os.path.join(folder, "m.safetensors"), "wb") as file:
                file.write(model)
        before = set(os.listdir(folder))
        done = subprocess.run([program, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              env=dict(os.environ, LC_ALL="C", NO_COLOR="1"))
        if done.returncode == 2 and b" is an option of " in done.stderr:
            return None
        written = {}
        for name in sorted(set(os.listdir(folder)) - before):
            if name == "store":  # what --cache keeps is no result
                continue
            with open(os.path.join(folder, name), "rb") as file:
                written[name] = without_times(file.read())
        stderr = done.stderr.replace(b"fltrain: put the prepared rows into store/rows.safetensors\n", b"")
        return done.returncode, without_times(done.stdout), without_times(stderr), written


def command_line(command, option, value, beside, data):
    base = BASE[command].replace("d.csv", data or "d.csv").split()
    given = [f"--{option}"] + ([] if value is None else [value])
    plain = [command, *base, *shlex.split(beside)]
    return plain, plain + given


def names_of(program):
    text = subprocess.run([program, "--help-markdown"], capture_output=True, text=True).stdout
    return re.findall(r"^\| (?:`-[a-z]`, )?`--([a-z-]+)", text, flags=re.M)


def main():
    program = os.path.abspath(sys.argv[1])
    known = names_of(program)
    wanted = sys.argv[2:] or known
    n = {"changed": 0, "refused": 0, "kept": 0}
    failures = [f"--{name}: no example" for name in known if name not in EXAMPLES and name not in KEEP_ALL_BYTES]
    with tempfile.TemporaryDirectory() as folder:
        write_files(folder)
        subprocess.run([program, *SMALL.split(), "-q", "-o", "m.safetensors", "d.csv"], cwd=folder, check=True,
                       capture_output=True)
        with open(os.path.join(folder, "m.safetensors"), "rb") as file:
            model = file.read()
    plains = {}
    for name in (name for name in wanted if name in EXAMPLES or name in KEEP_ALL_BYTES):
        for command in COMMANDS:
            keeps = name in KEEP_ALL_BYTES or (name, command) in QUIET_ALREADY or OWN.get((name, command), 0) is None
            example = (KEEP_ALL_BYTES[name],) if name in KEEP_ALL_BYTES else OWN.get((name, command)) or EXAMPLES[name]
            value, beside, data = (*example, "", "")[:3]
            if (name, command) not in OWN and command in ("predict", "evaluate", "explain", "inspect", "export"):
                beside = ""  # what a training needs
            plain, changed = command_line(command, name, value, beside, data)
            got = outcome(program, changed, model)
            if got is None:
                n["refused"] += 1
                continue
            key = tuple(plain)
            if key not in plains:
                plains[key] = outcome(program, plain, model)
            differs = got != plains[key]
            if differs == keeps:
                failures.append(f"{command} --{name}: " + ("bytes changed" if differs else "no byte changed")
                                + f" ({' '.join(changed)}; exit {got[0]}: {got[2][:200].decode(errors='replace')})")
            n["kept" if keeps else "changed"] += 1
    for failure in failures:
        print("options: FAILED:", failure)
    print(f"options: {n['changed']} pairs of option and command change bytes, {n['kept']} promise to change none, "
          f"{n['refused']} are refused; {len(failures)} failed")
    return 1 if failures or n["changed"] == 0 else 0


sys.exit(main())

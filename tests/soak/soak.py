#!/usr/bin/env python3
"""Runs for hours what a user, a machine and an attacker may do, and judges it by rules that always hold.

usage: tests/soak/soak.py HOURS SEED BUILD ASAN FUZZ [ROUND]

BUILD, ASAN and FUZZ are folders: of the program and of `resident` (resident.c), of the program under the sanitizers, and
of the fuzzers. A round is drawn from SEED and its number alone, so one that failed can be repeated: with ROUND, only
that one runs. Kinds of rounds:

  commands   a table of random shape; train with random options, then every other command on it; each again on other
             threads, under another locale and clock, with freed memory soiled, some of descriptors 0 to 2 closed
  study      cv or compare, twice in the same way
  kill       a training with a checkpoint, killed and resumed until it ends: the same bytes as without
  limits     one command under a random limit of memory, processes, descriptors, file size or seconds
  sanitized  the round `commands`, once each, under the address and leak sanitizers
  fuzz       some seconds of one fuzzer, whose corpus in FUZZ grows from round to round
  resident   commands in one process that lives as long as this one: all that the library allocated is freed, descriptors
             and threads go back, and resident memory stays flat

What always holds: the exit code is one of those documented; a failure says one sentence on stderr and leaves no output;
no file under a temporary name is left; outputs are whole; the same command gives the same bytes. Resident memory is flat
if no sample after the first third is more than 3 % and 2 MB above the highest of the second third.
"""
import collections
import difflib
import glob
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

DOCUMENTED = {0, 1, 2, 3, 4, 5, 6}
OUTPUTS = {"-o": "model", "--json": "json", "--predictions": "predictions", "--log": "log"}
WEIGHTS = {"commands": 4, "study": 1, "kill": 2, "limits": 4, "sanitized": 1, "fuzz": 1, "resident": 3}
SUMMARY_SECONDS = 180
FEWEST_SAMPLES = 9


class Failed(Exception):
    pass


# ---- what is drawn ----


def draw_column(draw, name):
    kind = draw.choice(["normal", "normal", "integer", "levels", "many levels", "date", "constant", "money", "heavy"])
    missing = draw.choice([0, 0, 0, 0.02, 0.3])
    levels = draw.randrange(2, 12) if kind == "levels" else draw.randrange(30, 400)

    def cell(positive):
        if draw.random() < missing:
            return draw.choice(["", "", "NA"])
        if kind == "normal":
            return f"{draw.gauss(positive, 1):.{draw.choice([2, 6])}f}"
        if kind == "integer":
            return str(draw.randrange(50) + 10 * positive)
        if "levels" in kind:
            return f"level {min(draw.randrange(levels), draw.randrange(levels))}"
        if kind == "date":
            return f"2024-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        if kind == "money":
            return f"{draw.expovariate(0.01):.2f}"
        return f"{draw.paretovariate(0.8):.4g}" if kind == "heavy" else "7"

    return f"{kind} {name}".replace(" ", "_"), cell


def draw_table(draw, folder, is_slow=False):
    """Writes rows.csv, and new.csv with other rows; returns the options that they need."""
    n, share = draw.choice([60, 200, 600, 2000, 4000][:2 if is_slow else 5]), draw.choice([0.05, 0.15, 0.3])
    columns = [draw_column(draw, i) for i in range(draw.choice([1, 3, 6, 12, 25]))]
    delimiter, end = draw.choice([",", ",", ";", "\t", "|"]), draw.choice(["\n", "\n", "\r\n"])
    names = draw.choice([("0", "1"), ("no", "yes"), ("good", "bad \u00fc")])
    quote = draw.random() < 0.2

    def write(path, rows):
        lines = [delimiter.join(["id"] + [name for name, _ in columns] + ["outcome"])]
        for i in range(rows):
            positive = draw.random() < share
            cells = [f"K{i}"] + [cell(positive) for _, cell in columns] + [names[positive]]
            lines.append(delimiter.join(f'"{text}"' if quote and text else text for text in cells))
        text = draw.choice(["", "", "\ufeff"]) + end.join(lines) + end
        with open(path, "wb") as out:
            out.write(text.encode())

    write(os.path.join(folder, "rows.csv"), n)
    write(os.path.join(folder, "new.csv"), draw.choice([1, 50, n]))
    if draw.random() < 0.2:
        with open(os.path.join(folder, "new.csv"), "rb") as plain:
            packed = gzip.compress(plain.read())
        with open(os.path.join(folder, "new.csv"), "wb") as out:
            out.write(packed)
    return ["--target", "outcome", "--id", "id", "--positive", names[1]]


TRAINING = {
    "seed": lambda d: d.randrange(1000), "scale": lambda d: d.choice(["robust", "standard", "quantile", "none"]),
    "steps": lambda d: d.randrange(0, 100), "loss": lambda d: d.choice(["bce", "focal"]),
    "gamma": lambda d: d.choice([0, 0.5, 2, 10]), "alpha": lambda d: d.choice([0.1, 0.5, 0.99]),
    "pos-weight": lambda d: d.choice(["balanced", 0.5, 30]), "output-bias": lambda d: d.choice(["optimal", "zero"]),
    "recipe": lambda d: d.choice(["pool", "linear", "plain", "embedded", "embedded-quantile",
                                  "plain-steps", "embedded-steps"]),
    "members": lambda d: d.choice([1, 1, 2, 3, 7]),
    "hidden": lambda d: d.choice(["none", "1", "8", "40,3", "64,64,64"]),
    "activation": lambda d: d.choice(["relu", "selu", "silu", "mish", "tanh"]),
    "dropout": lambda d: d.choice([0, 0.2, 0.9]),
    "embedding": lambda d: d.choice(["none", "pbld"]), "ema": lambda d: d.choice([0, 0.5, 0.999]),
    "optimizer": lambda d: d.choice(["sgd", "adam", "adamw"]), "lr": lambda d: 10 ** d.uniform(-5, 1),
    "weight-decay": lambda d: d.choice([0, 0.01, 3]), "schedule": lambda d: d.choice(["constant", "cosine", "coslog4"]),
    "batch": lambda d: d.choice([1, 7, 64, 10000]), "patience": lambda d: d.choice([0, 1, 5]),
    "monitor": lambda d: d.choice(["ap", "loss"]), "clip": lambda d: d.choice([0.01, 1, 100]),
    "threshold": lambda d: d.choice(["f1", "fbeta:2", "recall>=0.8", "precision>=0.3@50", "top:5", "rate:0.1", "cost:1:20",
                                     0.5]),
    "calibrate": lambda d: d.choice(["auto", "map", "platt", "isotonic", "none"]),
    "prior": lambda d: d.uniform(0.001, 0.9),
    "test-fraction": lambda d: d.choice([0, 0.1, 0.4]), "validation-fraction": lambda d: d.choice([0, 0.1, 0.4]),
    "identical": lambda d: d.choice(["auto", "together", "apart"]), "na": lambda d: "NA,7",
}


def draw_options(draw, most):
    chosen = draw.sample(sorted(TRAINING), draw.randrange(most + 1))
    options = [f"--{name}={TRAINING[name](draw)}" for name in chosen]
    return options + ["--epochs", str(draw.choice([1, 2, 5])), "--preset", draw.choice(["fast", "default"])]


def draw_surroundings(draw):
    """Variables of the environment, descriptors to close, and options: they change no result but a lost report."""
    surroundings = {"LC_ALL": draw.choice(["C", "C.UTF-8", "POSIX", "de_DE.UTF-8", "tr_TR.UTF-8"]),
                    "TZ": draw.choice(["UTC", "Asia/Tokyo", ":none"]), "MALLOC_PERTURB_": str(draw.randrange(256)),
                    "MALLOC_ARENA_MAX": str(draw.randrange(1, 9))}
    return surroundings, draw.choice([(), (), (0,), (1,), (2,), (0, 2), (0, 1, 2)]), ["--threads", str(draw.randrange(1, 6))]


# ---- running and judging ----


class Run:
    def __init__(self, tools, folder, arguments, extra=(), closed=(), before=(), seconds=1200):
        self.folder, self.arguments = folder, arguments
        self.command = [*before, tools["program"], *arguments]
        if closed:
            closing = " ".join(f"{n}{'<' if n == 0 else '>'}&-" for n in closed)
            self.command = ["sh", "-c", f'exec "$@" {closing}', "sh", *self.command]
        environment = dict(os.environ, TMPDIR=tools["temporary"], **dict(extra))
        self.process = subprocess.Popen(self.command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.seconds, self.tools = seconds, tools

    def end(self):
        try:
            out, err = self.process.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            self.fail(f"did not end within {self.seconds} s")
        self.out, self.err = out.decode(errors="replace"), err.decode(errors="replace")
        self.code = self.process.returncode if self.process.returncode >= 0 else 128 - self.process.returncode
        return self

    def fail(self, why):
        raise Failed(f"{why}\n    {' '.join(self.command)}\n    {getattr(self, 'err', '')[:2000]}")

    def judge(self, allowed=frozenset(DOCUMENTED), can_speak=True):
        if self.code not in allowed:
            self.fail(f"exit code {self.code}")
        lines = self.err.splitlines()
        if any(not re.match(r"fltrain: |  ", line) for line in lines):
            self.fail("stderr holds something else than sentences of its own")
        if self.code != 0 and can_speak and "-q" in self.arguments and len(lines) != 1:
            self.fail(f"exit code {self.code} and {len(lines)} lines on stderr")
        left = [name for folder in (self.folder, self.tools["temporary"]) for name in os.listdir(folder)
                if name.startswith(".fltrain-") or folder == self.tools["temporary"]]
        if left:
            self.fail(f"left {left}")
        return self


def run(tools, folder, arguments, **how):
    return Run(tools, folder, arguments, **how).end()


def without_seconds(text):
    text = re.sub(r'"reproduce":\{"command":"(?:[^"\\]|\\.)*"', "", text)
    return re.sub(r'"seconds":\{[^}]*\}', "", text)


def contents(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return without_seconds(file.read().decode("latin-1"))


def read_outputs(folder):
    return {name: contents(os.path.join(folder, name)) for name in (*OUTPUTS.values(), "scored", "state")}


def check_outputs(tools, done, arguments, folder):
    """All outputs that were asked for are there and whole, or none of them."""
    asked = {name for option, name in zip(arguments, arguments[1:]) if option in OUTPUTS}
    there = {name for name in asked if os.path.exists(os.path.join(folder, name))}
    if done.code in (0, 5) and there != asked:
        done.fail(f"exit code {done.code} and no {asked - there}")
    if done.code not in (0, 5, 6) and there:
        done.fail(f"exit code {done.code} and {there}")
    for name in there & {"json"}:
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                json.load(file)
        except ValueError as why:
            done.fail(f"{name}: {why}")
    if "model" in there:
        inspected = run(tools, folder, ["inspect", "model"])
        if inspected.code != 0:
            inspected.fail("the model cannot be read")


def remove_outputs(folder, names=(*OUTPUTS.values(), "scored")):
    for name in names:
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))


def run_twice(draw, tools, folder, arguments):
    """Runs the command, and again in other surroundings; the same must come of it."""
    results = []
    for surroundings, closed, threads in (({}, (), []), draw_surroundings(draw)):
        remove_outputs(folder)
        arguments_now = arguments + (threads if arguments[0] != "inspect" else [])
        done = run(tools, folder, arguments_now, extra=surroundings, closed=closed).judge(can_speak=2 not in closed)
        if 1 not in closed:
            check_outputs(tools, done, arguments, folder)
        results.append((done, (done.code, read_outputs(folder), without_times(done.out))))
        if tools["once"]:
            return done
    (whole, first), (again, second) = results
    if 1 in closed:
        judge_lost_report(whole, first[1], again, second[1], 2 not in closed)
    elif first != second:
        different = [name for name in first[1] if first[1][name] != second[1][name]]
        lines = [line for line in difflib.ndiff(first[2].splitlines(), second[2].splitlines()) if line[0] in "+-"]
        again.fail(f"exit codes {first[0]} and {second[0]}, other bytes in {different} and stdout {lines[:20]}")
    return again


def judge_lost_report(whole, first, again, second, can_speak):
    """stdout was closed: a report that had to go there is missed, and outputs are as without that, or not there."""
    lost = {1} if whole.code == 0 else {1, whole.code}
    if again.code not in (lost if whole.out else {whole.code}):
        again.fail(f"exit code {again.code} without stdout, {whole.code} with it")
    if again.code == 1 and whole.code != 1 and can_speak and "stdout: not all of the output" not in again.err:
        again.fail("does not say that stdout was closed")
    different = [name for name in second if second[name] not in (None, first[name])]
    if different:
        again.fail(f"other bytes without stdout in {different}")


def without_times(text):
    """Seconds are longer or shorter, and move the ends of lines; compare tells how they compare."""
    text = re.sub(r"training took .* times as long|took as long", "", " ".join(text.split()))
    return re.sub(r"\b\d+(\.\d+)? (us|ms|s|min|h)\b", "TIME", text).replace(". ", ".\n")


# ---- rounds ----


def commands(draw, tools, folder):
    base = draw_table(draw, folder, is_slow=tools["once"])
    outputs = [text for pair in OUTPUTS.items() for text in pair]
    trained = run_twice(draw, tools, folder, ["train", "-q", *base, *draw_options(draw, 5), *outputs, "rows.csv"])
    run_twice(draw, tools, folder, ["check", "-q", *base, "--json", "json", "rows.csv"])
    if trained.code == 2:  # options that contradict each other
        trained = run(tools, folder, ["train", "-q", *base, "--preset", "fast", "-o", "model", "rows.csv"]).judge()
    else:
        run(tools, folder, trained.arguments).judge()
    if not os.path.exists(os.path.join(folder, "model")):
        return
    shutil.copy(os.path.join(folder, "model"), os.path.join(folder, "kept"))
    extra = draw.choice([[], ["--keep-all"], ["--threshold", "top:3"], ["--prior", "0.1"], ["--prior", "estimate"]])
    run_twice(draw, tools, folder, ["predict", "-q", *extra, "-o", "scored", "kept", "new.csv"])
    extra = draw.choice([[], ["--threshold", "recall>=0.5"], ["--by", "id"], ["--require", "ap>=0.5"]])
    run_twice(draw, tools, folder, ["evaluate", "-q", *extra, "kept", "rows.csv"])
    run_twice(draw, tools, folder, ["explain", "-q", "--sample", "100", "--repeats", "1", "kept", "rows.csv"])
    run_twice(draw, tools, folder, ["inspect", "kept"])


def study(draw, tools, folder):
    base, command = draw_table(draw, folder), draw.choice(["cv", "compare"])
    options = draw_options(draw, 2) + ["--folds", str(draw.choice([2, 3])), "--repeats", "1"]
    run_twice(draw, tools, folder, [command, "-q", *base, *options, "--json", "json", "rows.csv"])


def kill(draw, tools, folder):
    base = draw_table(draw, folder)
    outputs = [text for pair in OUTPUTS.items() for text in pair]
    arguments = ["train", "-q", *base, *draw_options(draw, 3), "--epochs", str(draw.choice([5, 40])), *outputs, "rows.csv"]
    began = time.monotonic()
    whole = run(tools, folder, arguments).judge()
    lasted, expected = time.monotonic() - began, read_outputs(folder)
    if whole.code != 0:
        return
    for _ in range(20):
        remove_outputs(folder)
        how = "--resume" if os.path.exists(os.path.join(folder, "state")) else "--checkpoint"
        begun = Run(tools, folder, arguments + [how, "state", "--threads", str(draw.randrange(1, 4))])
        time.sleep(draw.uniform(0, lasted))
        sent = draw.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
        begun.process.send_signal(sent)
        begun.end()
        if sent == signal.SIGKILL:
            remove_temporary(folder, tools)
        if begun.code == 0:
            break
        begun.judge({128 + sent}, can_speak=False)
    else:
        how = "--resume" if os.path.exists(os.path.join(folder, "state")) else "--checkpoint"
        remove_outputs(folder)
        begun = run(tools, folder, arguments + [how, "state"]).judge({0})
    if read_outputs(folder) != expected:
        begun.fail("killed and resumed, it ended in other bytes than without")


def remove_temporary(folder, tools):
    for parent in (folder, tools["temporary"]):
        for name in os.listdir(parent):
            if name.startswith(".fltrain-") or parent == tools["temporary"]:
                os.remove(os.path.join(parent, name))


def limits(draw, tools, folder):
    base = draw_table(draw, folder)
    model = run(tools, folder, ["train", "-q", *base, "--preset", "fast", "--epochs", "1", "-o", "kept", "rows.csv"]).judge()
    if model.code != 0:
        return
    arguments = draw.choice([
        ["train", "-q", *base, *draw_options(draw, 2), "-o", "model", "--json", "json", "rows.csv"],
        ["check", "-q", *base, "rows.csv"], ["predict", "-q", "-o", "scored", "kept", "new.csv"],
        ["evaluate", "-q", "kept", "rows.csv"], ["inspect", "kept"],
        ["cv", "-q", *base, "--preset", "fast", "--epochs", "1", "--folds", "2", "--repeats", "1", "rows.csv"]])
    limit, least, most = draw.choice([("as", 2e7, 4e8), ("nofile", 3, 20), ("fsize", 0, 3e4), ("cpu", 1, 1),
                                      ("data", 1e6, 1e8), ("stack", 1e5, 1e7)])
    threads = [] if arguments[0] == "inspect" else ["--threads", str(draw.choice([1, 2, 16]))]
    value = int(draw.uniform(least, most))
    done = run(tools, folder, arguments + threads, before=["prlimit", f"--{limit}={value}"], seconds=300)
    loader = "error while loading shared libraries" in done.err or "cannot allocate" in done.err
    if done.code == 127 and loader and limit in ("as", "data", "nofile", "stack"):
        return
    if limit == "cpu" and done.code in (137, 152):  # the hard limit kills; the soft one ends in a sentence
        remove_temporary(folder, tools)
        return
    done.judge({0, 1, 2, 3, 5, 6})
    check_outputs(tools, done, arguments, folder)


def sanitized(draw, tools, folder):
    program = os.path.join(tools["asan"], "fltrain")
    # Nothing else may set the exit code 99, or write to stderr.
    os.environ["ASAN_OPTIONS"] = "exitcode=99:detect_leaks=1:allocator_may_return_null=1"
    commands(draw, dict(tools, program=program, once=True), folder)


def fuzz(draw, tools, _):
    dictionaries = glob.glob(os.path.join(tools["root"], "tests/fuzz/*.dict"))
    harness = draw.choice(sorted(os.path.basename(path)[:-len(".dict")] for path in dictionaries))
    environment = dict(os.environ, JOBS="1")
    done = subprocess.run(["tests/run-fuzz.sh", tools["fuzz"], "20", harness], cwd=tools["root"], env=environment,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"fuzzer {harness}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


class Resident:
    """The process that lives long, and what was seen of it."""

    def __init__(self, tools):
        self.folder = os.path.join(tools["work"], "resident")
        os.mkdir(self.folder)
        base = draw_table(random.Random(5), self.folder)
        self.cycle = [
            ["train", "-q", *base, "--epochs", "1", "-o", "model", "--threads", "2", "rows.csv"],
            ["train", "-q", *base, "--preset", "fast", "--epochs", "3", "--threads", "1", "-o", "single", "rows.csv"],
            ["train", "-q", *base, "--preset", "fast", "--lr", "1e30", "--no-model", "rows.csv"],
            ["predict", "-q", "-o", "scored", "model", "new.csv"],
            ["predict", "-q", "--keep-all", "-o", "scored", "single", "rows.csv"],
            ["evaluate", "-q", "model", "rows.csv"], ["explain", "-q", "--sample", "100", "single", "rows.csv"],
            ["inspect", "model"], ["check", "-q", *base, "rows.csv"],
            ["cv", "-q", *base, "--preset", "fast", "--epochs", "1", "--folds", "2", "--repeats", "1", "rows.csv"],
            ["predict", "-q", "none", "rows.csv"], ["train", "-q", "--target", "none", "rows.csv"], ["inspect", "rows.csv"],
        ]
        self.process = subprocess.Popen([tools["resident"]], cwd=self.folder, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=dict(os.environ, TMPDIR=tools["temporary"]))
        self.samples, self.first, self.codes = [], None, None

    def run_cycle(self):
        codes, counts, resident = [], [], 0
        for arguments in self.cycle:
            self.process.stdin.write("\t".join(["fltrain", *arguments]) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().split()
            if len(answer) != 5:
                raise Failed(f"the process ended, in: fltrain {' '.join(arguments)}")
            code, live, resident, files, threads = (int(number) for number in answer)
            codes.append(code)
            counts.append((live, files, threads))
        self.samples.append(resident)
        if self.first is None:
            self.first, self.codes = counts, codes
        if codes != self.codes:
            raise Failed(f"exit codes {codes}, at first {self.codes}")
        if counts[1:] != self.first[1:]:
            raise Failed(f"bytes, descriptors and threads {counts}, at first {self.first}")
        if not self.is_flat():
            raise Failed(f"resident memory grows: {self.samples}")

    def is_flat(self):
        n = len(self.samples)
        if n < FEWEST_SAMPLES:
            return True
        return max(self.samples[n // 3:]) <= 1.03 * max(self.samples[n // 3:2 * n // 3]) + 2e6

    def text(self):
        if not self.samples:
            return "no cycle in one process"
        megabytes = [size / 2**20 for size in self.samples]
        part = megabytes[len(megabytes) // 3:]
        return (f"{len(megabytes)} cycles of {len(self.cycle)} commands in one process: {megabytes[0]:.1f} MB resident after "
                f"the first, {min(part):.1f} to {max(part):.1f} after a third of them, {megabytes[-1]:.1f} at the end")


def resident(_, tools, __):
    if not tools["one"]:
        tools["one"].append(Resident(tools))
    tools["one"][0].run_cycle()


KINDS = {"commands": commands, "study": study, "kill": kill, "limits": limits, "sanitized": sanitized, "fuzz": fuzz,
         "resident": resident}


def one_round(number, seed, tools):
    """The kind, and why it failed."""
    draw = random.Random(f"{seed} {number}")
    kinds = [kind for kind in WEIGHTS if kind != "fuzz" or os.path.exists(os.path.join(tools["fuzz"], "table"))]
    kind = draw.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]
    with tempfile.TemporaryDirectory(dir=tools["work"]) as folder:
        try:
            KINDS[kind](draw, tools, folder)
        except Failed as why:
            return kind, str(why)
    return kind, None


def report(counts, failed, tools, began):
    passed = sum(counts.values()) - failed
    kinds = ", ".join(f"{kind} {counts[kind]}" for kind in WEIGHTS if counts[kind])
    grown = "; ".join(resident.text() for resident in tools["one"])
    print(f"{(time.monotonic() - began) / 60:.0f} min: {kinds}; {grown or 'no cycle in one process'}")
    print(f"soak: {passed} passed, {failed} failed", flush=True)


def main():
    hours, seed = float(sys.argv[1]), sys.argv[2]
    build, asan, fuzzers = (os.path.abspath(path) for path in sys.argv[3:6])
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    counts, failed, began, said = collections.Counter(), 0, time.monotonic(), time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        tools = {"program": os.path.join(root if build == os.path.join(root, "build") else build, "fltrain"), "work": work,
                 "resident": os.path.join(build, "resident"), "asan": asan, "fuzz": fuzzers, "root": root,
                 "temporary": os.path.join(work, "temporary"), "once": False, "one": []}
        os.mkdir(tools["temporary"])
        numbers = [int(sys.argv[6])] if len(sys.argv) > 6 else range(1, 10**9)
        for number in numbers:
            if len(numbers) > 1 and time.monotonic() - began > 3600 * hours:
                break
            kind, why = one_round(number, seed, tools)
            counts[kind] += 1
            if why:
                failed += 1
                print(f"FAILED  round {number}, {kind}: {why}\n    again: make soak SEED={seed} ROUND={number}", flush=True)
            if time.monotonic() - said > SUMMARY_SECONDS:
                said = time.monotonic()
                report(counts, failed, tools, began)
        report(counts, failed, tools, began)
        for one in tools["one"]:
            one.process.stdin.close()
            one.process.wait()
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

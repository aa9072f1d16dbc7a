#!/usr/bin/env python3
"""Exports to ONNX against others: tests/onnx/run.py FLTRAIN [CASE...]

For each case a model is trained, exported and proven on odd rows (`export --verify`, by the program's own evaluator).
Then others look at the file: the checker of Debian's python3-onnx, with all types and shapes inferred, and onnxruntime
(npm's onnxruntime-node, in NODE_PATH or build/onnxruntime), which scores the same rows and must agree with `predict`.
Together the cases must use every operator that the evaluator knows, and have a silent input. The case "page" runs what include/README.md shows.
Where one of these two is not installed, the summary says so: nothing then vouches for the evaluator. NEEDS_ALL=1 makes
that a failure.
"""

import bisect
import json
import math
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import rows

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
N_TRAINED, N_SCORED = 4000, int(os.environ.get("ROWS", 20000))
TOLERANCE = 1e-4
SMALL = "--preset fast --epochs 4 --hidden 24,12".split()
DATES = "--date when,day".split()

# What is trained, with which options, and the largest number among odd cells: what focal loss does to logits multiplies
# how far floats are off, and at 1e300 that was more than is promised in one row of 10^5.
CASES = {
    "plain": (SMALL + DATES, 1e300),
    "linear": ("--recipe linear --preset fast".split(), 1e300),
    "linear-steps": ("--recipe linear --preset fast --steps 12".split() + DATES, 1e300),
    "no-hidden": ("--preset fast --epochs 4 --hidden none --optimizer adam --batch 64".split(), 1e300),
    "robust": (SMALL + DATES + "--scale robust --activation selu".split(), 1e300),
    "quantile": (SMALL + DATES + "--scale quantile --activation silu".split(), 1e300),
    "unscaled": (SMALL + DATES + "--scale none --activation tanh".split(), 1e4),
    "mish": (SMALL + "--activation mish --front-scale yes".split(), 1e300),
    "embedded": (SMALL + DATES + "--recipe embedded --scale robust".split(), 1e300),
    "embedded-standard": (SMALL + "--recipe embedded --scale standard".split(), 1e300),
    "embedded-quantile": (SMALL + DATES + "--recipe embedded-quantile".split(), 1e300),
    "plain-steps": (SMALL + "--recipe plain-steps".split(), 1e300),
    "embedded-steps": (SMALL + DATES + "--recipe embedded-steps".split(), 1e300),
    "bag": (SMALL + "--members 5".split() + DATES, 1e300),
    "bag-embedded": (SMALL + "--members 4 --recipe embedded".split(), 1e300),
    "bag-focal": (SMALL + "--members 3 --gamma 2 --alpha 0.8".split(), 1e6),
    "pool": ("--recipe pool --epochs 3 --members 12".split() + DATES, 1e300),
    "focal": (SMALL + "--gamma 2".split(), 1e300),
    "focal-strong": (SMALL + "--gamma 7.5 --alpha 0.9 --calibrate map".split(), 1e5),
    "platt": (SMALL + "--calibrate platt --threshold cost:1:20".split(), 1e300),
    "isotonic": (SMALL + "--calibrate isotonic --threshold recall>=0.8@50".split() + DATES, 1e300),
    "uncalibrated": (SMALL + "--calibrate none --threshold top:100".split(), 1e300),
    "prior": (SMALL + "--prior 0.01 --threshold rate:0.02".split(), 1e300),
    "wide": ("--preset fast --epochs 3 --hidden 128,64,32,16 --threshold precision>=0.5@50".split() + DATES, 1e6),
    "categories": (SMALL + "--categorical count,log_odds --drop amount,stamp,tiny,heavy,seldom".split(), 1e300),
    "numbers": (SMALL + ["--drop", "..größe €,pair,city"] + DATES, 1e300),
}


def say(text):
    print(text, flush=True)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def python_with_onnx():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import onnx"], capture_output=True).returncode == 0:
            return python
    return None


def node_with_runtime():
    folders = [os.path.join(ROOT, "build", "onnxruntime", "node_modules"), os.environ.get("NODE_PATH", "")]
    os.environ["NODE_PATH"] = ":".join(folder for folder in folders if folder)
    try:
        return subprocess.run(["node", "-e", "require('onnxruntime-node')"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


CHECK = """
import json, sys, onnx, onnx.numpy_helper
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
typed = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output] if value.type.tensor_type.elem_type}
untyped = [node for node in model.graph.node if node.output[0] not in typed]
assert not untyped, f"the type of what a node makes is not known: {untyped[0]}"
assert {opset.domain: opset.version for opset in model.opset_import} == {"": 13, "ai.onnx.ml": 2}
assert model.producer_name == "fltrain" and len(model.graph.output) == 3
about = {entry.key: entry.value for entry in model.metadata_props}
columns = json.loads(about["columns"])
assert [column["name"] for column in columns] == [value.name for value in model.graph.input]
constants = [onnx.numpy_helper.to_array(constant) for constant in model.graph.initializer]
silent = ["an input that is always 0"] * any((constant != constant).any() for constant in constants)
print(json.dumps(sorted({node.op_type for node in model.graph.node}) + silent))
print(json.dumps([[column["name"], column["type"]] for column in columns]), about["threshold"])
"""


def expected(predictions):
    """The probability, label and score of each row."""
    with open(predictions, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
        p, label, score = names.index("probability"), names.index("label"), names.index("score")
        cells = [line.rstrip("\n").split(",") for line in file]
    return [(float(row[p]), int(row[label]), float(row[score])) for row in cells]


def log_odds(p):
    return -math.inf if p == 0 else math.inf if p == 1 else math.log(p) - math.log1p(-p)


def far_apart(p, given):
    """By how much the log-odds differ, beyond what the digits of a probability near 1 leave open; relative to
    them beyond 10, as `export --verify` does it."""
    wanted = log_odds(p)
    if wanted == given:
        return 0.0
    if p in (0, 1):
        return max(0.0, 36 - given if p == 1 else 700 + given)
    return (abs(wanted - given) - 4e-16 / (1 - p)) / max(1, abs(wanted) / 10)


def lies_between(wanted):
    """Whether log-odds lie between those of rows whose scores are lower and higher by the tolerance: an isotonic map is
    so steep in places that no sum of floats is exact enough for less."""
    ranked = sorted((score, log_odds(p)) for p, _, score in wanted)
    scores = [score for score, _ in ranked]

    def lies(score, given):
        low, high = bisect.bisect_right(scores, score - TOLERANCE) - 1, bisect.bisect_left(scores, score + TOLERANCE)
        return (low < 0 or given >= ranked[low][1]) and (high == len(ranked) or given <= ranked[high][1])

    return lies


def compare(wanted, scores, threshold, is_steep):
    """The largest difference of the log-odds, and the labels that differ, but for rows as near to the threshold."""
    largest, flips = 0.0, 0
    lies = lies_between(wanted) if is_steep else lambda score, given: False
    lines = scores.splitlines()
    assert len(lines) == len(wanted), f"{len(lines)} scores for {len(wanted)} rows"
    for (p, label, score), line in zip(wanted, lines):
        given_p, given_label, given = line.split()
        given = float(given.replace("Infinity", "inf"))
        # The exponential of onnxruntime ends at 5e-309.
        agree = far_apart(float(given_p), given) < 1e-9 or (given < -690 and float(given_p) < 1e-299)
        assert math.isnan(given) or agree, f"the outputs contradict each other: {line}"
        apart = far_apart(p, given)
        if not lies(score, given):
            largest = max(largest, math.inf if math.isnan(apart) else apart)
        is_near = abs(log_odds(p) - log_odds(threshold)) <= TOLERANCE
        flips += int(given_label) != label and not is_near
    return largest, flips


def comparable(text):
    """Without fused multiply-add, with which the page was made, networks train to other numbers."""
    with open("/proc/cpuinfo", encoding="utf-8") as cpu:
        return text.strip() if " fma " in cpu.read() else re.sub("[0-9.]+", "N", text.strip())


class Runner:
    def __init__(self, fltrain, scratch):
        self.fltrain, self.scratch = os.path.abspath(fltrain), scratch
        self.onnx, self.has_runtime = python_with_onnx(), node_with_runtime()
        self.trained = self.path("train.csv")
        self.scored, self.ops = {}, set()
        rows.write_csv(self.trained, rows.table(1, N_TRAINED))

    def path(self, name):
        return os.path.join(self.scratch, name)

    def rows_with(self, most):
        """The rows to score, their CSV file."""
        if most not in self.scored:
            path = self.path(f"odd{len(self.scored)}.csv")
            table = rows.table(2, N_SCORED, most)
            rows.write_csv(path, table)
            self.scored[most] = table, path
        return self.scored[most]

    def by_runtime(self, model, table, data, columns, threshold, is_steep):
        wanted = self.path("predictions.csv")
        run(self.fltrain, "predict", "-q", "-o", wanted, self.path("model"), data)
        feed = self.path("feed")
        rows.write_feed(feed, table, columns)
        scores = run("node", os.path.join(ROOT, "tests", "onnx", "score.js"), model, feed)
        return compare(expected(wanted), scores, threshold, is_steep)

    def case(self, name):
        """What is wrong, or None; and what was found."""
        options, most = CASES[name]
        table, data = self.rows_with(most)
        model = self.path("model.onnx")
        target = ["--target", "fraud", "--positive", "1"]
        run(self.fltrain, "train", "-q", *target, *options, "-o", self.path("model"), "--force", self.trained)
        proof = run(self.fltrain, "export", "-q", "--to", "onnx", "--verify", data, "-o", model, self.path("model"))
        found = proof.splitlines()[1].replace(data, "").replace("largest difference of the log-odds", "own")
        columns, threshold = rows.COLUMNS, 0.5
        if self.onnx:
            ops, text = run(self.onnx, "-c", CHECK, model).splitlines()
            self.ops.update(json.loads(ops))
            text, threshold = text.rsplit(" ", 1)
            columns, threshold = json.loads(text), float(threshold)
        if not self.has_runtime or not self.onnx:
            return None, found
        largest, flips = self.by_runtime(model, table, data, columns, threshold, name == "isotonic")
        found += f"; onnxruntime {largest:.1e}, {flips} labels"
        return (None if largest <= TOLERANCE and flips == 0 else "onnxruntime differs"), found


    def unused_operators(self):
        """Those that the evaluator knows and no case has used."""
        known = {"an input that is always 0"}
        for name in ("elementwise", "op_table"):
            with open(os.path.join(ROOT, "src", "onnx", name + ".c"), encoding="utf-8") as file:
                known.update(re.findall(r'(?<=[{ ])"([A-Z][A-Za-z]+)"', file.read()))
        return sorted(known - self.ops)

    def page(self):
        """Whether the README's line for Node prints what include/README.md says, with the model that this page trains."""
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            line = re.search(r"(?m)^\$ (node .*)$", file.read()).group(1)
        with open(os.path.join(ROOT, "include", "README.md"), encoding="utf-8") as file:
            text = file.read()
        with open(os.path.join(ROOT, "include", "alarm.js"), encoding="utf-8") as file:
            script = file.read()
        shown = re.search(r"(?s)```js\n(.*?)```", text).group(1)
        wanted = re.search(r"in Node, and prints `([^`]*)`", text).group(1)
        data = os.path.join(ROOT, "data", "fraud.csv")
        run(self.fltrain, *"--preset fast -q -o".split(), self.path("fraud.safetensors"), data)
        run(self.fltrain, "export", "--to", "onnx", "-o", self.path("fraud.onnx"), self.path("fraud.safetensors"))
        os.symlink(os.path.join(ROOT, "include"), self.path("include"))
        printed = run("sh", "-c", f"cd '{self.scratch}' && {line}")
        is_same = shown == script and comparable(printed) == comparable(wanted)
        return None if is_same else f"the page says {wanted}", f"{line} prints {printed.strip()}"


def main():
    failed = 0
    names = sys.argv[2:] or [*CASES, "page"]
    with tempfile.TemporaryDirectory() as scratch:
        runner = Runner(sys.argv[1], scratch)
        for name in names:
            if name == "page" and not runner.has_runtime:
                continue
            try:
                wrong, found = runner.page() if name == "page" else runner.case(name)
            except AssertionError as error:
                wrong, found = "unlike each other", str(error)
            except subprocess.CalledProcessError as error:
                wrong, found = f"{error.cmd[0]} {error.cmd[1]} exits with {error.returncode}", error.stderr.strip()
            failed += wrong is not None
            say(f"{name:18} {'FAILED: ' + wrong if wrong else 'ok'}: {found}")
        unused = runner.unused_operators() if runner.onnx and len(sys.argv) == 2 else []
        if unused:
            say(f"onnx: FAILED: no case uses {', '.join(unused)}")
            failed += 1
        for has, what in ((runner.onnx, "python3-onnx"), (runner.has_runtime, "onnxruntime-node")):
            if not has:
                say(f"onnx: SKIPPED: {what} is not installed (make deps-dev), and nothing was compared with it")
                failed += os.environ.get("NEEDS_ALL") == "1"
    say(f"onnx: {len(names) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

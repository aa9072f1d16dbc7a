#!/usr/bin/env python3
"""How fast rows are answered: tests/bench/serving.py PROGRAM MODEL DATA.csv [ROWS]

The wall time of one row through `predict --follow`, from the write of its line to the read of its answer, at several
percentiles, and the CPU time that the service took for it. Then CPU microseconds a row of the program (predict, one
thread), of the library called from C (tests/bench/library.c: texts, then numbers in columns) and from Python: dicts, and
a frame where pandas is there; of the model exported as C and, where onnxruntime-node is there, as ONNX; and beside them
XGBoost with 100 trees and scikit-learn's MLP, trained on the same file, for numbers that are read and prepared already.
The best of several runs, since others may use the machine.
"""
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "include"))
sys.dont_write_bytecode = True
from fltrain import Detector  # noqa: E402

RUNS = 5


def latencies(program, model, lines, n):
    service = subprocess.Popen([program, "predict", "-q", "--follow", model], bufsize=0, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    seconds = []
    for i in range(n + 1):
        line = lines[1 + (i - 1) % (len(lines) - 1)] if i else lines[0]
        begin = time.perf_counter()
        service.stdin.write(line)
        service.stdout.readline()
        seconds.append(time.perf_counter() - begin)
    begin = cpu(resource.RUSAGE_CHILDREN)
    service.stdin.close()
    assert service.wait() == 0
    return sorted(seconds[1:]), cpu(resource.RUSAGE_CHILDREN) - begin


def cpu(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def best(call, n, who=resource.RUSAGE_SELF, less=0.0):
    seconds = []
    for _ in range(RUNS):
        begin = cpu(who)
        call()
        seconds.append(cpu(who) - begin)
    return 1e6 * (min(seconds) - less) / n


def exports(program, model, data, folder):
    """Pairs of a name and microseconds: the model as C, and as ONNX."""
    source = os.path.join(folder, "model.c")
    subprocess.run([program, "export", "-q", "-o", source, model], check=True)
    subprocess.run(["cc", "-std=c99", "-O2", "-D_GNU_SOURCE", "-I", folder, "-o", os.path.join(folder, "exported"),
                    os.path.join(HERE, "exported.c"), source, "-lm"], check=True)
    timed = subprocess.run([os.path.join(folder, "exported"), data], capture_output=True, text=True, check=True)
    yield "exported as C, rows in structs", float(timed.stdout)
    graph = os.path.join(folder, "model.onnx")
    subprocess.run([program, "export", "-q", "--to", "onnx", "-o", graph, model], check=True)
    places = [os.path.join(os.environ.get("BUILD", "build"), "onnxruntime", "node_modules"), os.environ.get("NODE_PATH")]
    timed = subprocess.run(["node", os.path.join(HERE, "onnx.js"), graph, data], capture_output=True, text=True,
                           env={**os.environ, "NODE_PATH": ":".join(os.path.abspath(p) for p in places if p)})
    if timed.returncode == 0:
        yield "exported as ONNX, onnxruntime, one batch", float(timed.stdout)
    else:
        print("no ONNX: node has no onnxruntime-node")


def peers(data):
    """Pairs of a name and microseconds, of models that others train on the file, its last column the target."""
    try:
        import pandas
        from sklearn.neural_network import MLPClassifier
        from sklearn.preprocessing import StandardScaler
        from xgboost import XGBClassifier
    except ImportError as error:
        print(f"no peers: {error}")
        return
    frame = pandas.get_dummies(pandas.read_csv(data)).astype(float)
    target = pandas.read_csv(data, nrows=0).columns[-1]
    x, y = frame.drop(columns=target).to_numpy(dtype="float32"), frame[target].astype(int)
    trees = XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1).fit(x, y)
    yield "XGBoost, 100 trees, an array", best(lambda: trees.predict_proba(x), len(x))
    scaled = StandardScaler().fit_transform(pandas.DataFrame(x).fillna(0))
    network = MLPClassifier((64, 32), max_iter=5, random_state=0).fit(scaled, y)
    yield "scikit-learn, one MLP of 64 and 32, an array", best(lambda: network.predict_proba(scaled), len(x))


def main(program, model, data, n=3000):
    n = int(n)
    with open(data, "rb") as file:
        lines = file.readlines()
    few, many = latencies(program, model, lines, 1), latencies(program, model, lines, n)
    found, used = many[0], many[1] - few[1]
    print(f"predict --follow, {n} rows, ms a row: " +
          ", ".join(f"p{p:g} {1e3 * found[min(int(n * p / 100), n - 1)]:.3f}" for p in (50, 90, 99, 99.9)) +
          f"; {1e3 * used / n:.3f} ms of CPU a row")
    rows = list(csv.DictReader(open(data)))
    with open(os.devnull, "w") as out:
        def run(name):
            subprocess.run([program, "predict", "-q", "--threads", "1", model, name], stdout=out, check=True)
        with open("/tmp/fltrain-one-row.csv", "wb") as one:
            one.writelines(lines[:2])
        start = best(lambda: run("/tmp/fltrain-one-row.csv"), 1, resource.RUSAGE_CHILDREN) / 1e6
        os.unlink("/tmp/fltrain-one-row.csv")
        ways = {"program, predict of the file": best(lambda: run(data), len(rows), resource.RUSAGE_CHILDREN, start)}
    library = subprocess.run([os.path.join(os.environ.get("BUILD", "build"), "bench", "library"), model, data],
                             capture_output=True, text=True, check=True).stdout
    for line in library.splitlines():
        name, micros = line.split(": ")
        ways[name] = float(micros)
    detector = Detector.load(model)
    ways["Python, dicts of texts"] = best(lambda: detector.predict_proba(rows), len(rows))
    try:
        import pandas
        frame = pandas.read_csv(data)
        ways["Python, a frame"] = best(lambda: detector.predict_proba(frame), len(rows))
    except ImportError:
        print("no frame: pandas is not installed")
    with tempfile.TemporaryDirectory() as folder:
        ways.update(exports(os.path.abspath(program), model, data, folder))
    ways.update(peers(data))
    for name, micros in ways.items():
        print(f"{name}: {micros:.2f} us of CPU a row, {1e6 / micros:,.0f} rows a second")


if __name__ == "__main__":
    main(*sys.argv[1:])

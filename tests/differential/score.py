#!/usr/bin/python3
"""Scores a CSV file from the description of the model file, fltrain-model(5), alone, and compares with what predict
wrote: score.py MODEL DATA.csv PREDICTIONS.csv [ROWS]

Slow and plain: double precision, no library. The program computes its networks in float32, so beside every number goes
a bound of the error that float32 may leave in it; the program's score must lie within the bound, its probability within
what the map makes of the bound's two ends, since everything behind the network only rises, and its label must be that of
these ends, unless the threshold lies between them, and of the probability. One line; exit code 1 if anything differs.
"""
import copy
import csv
import json
import math
import random
import re
import struct
import sys
from statistics import NormalDist

UNIT = 2.0**-24  # a float32 operation's relative error
FUNCTION = 1e-6  # relative error of an activation, as the unit test of the kernels bounds it
COSINE = 5e-7  # absolute error of a cosine
DOUBLE = 1e-11  # relative error of what is done in double on both sides


def read_container(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    parts = {}
    for key, text in header.pop("__metadata__").items():
        parts[key] = json.loads(text) if text.startswith("{") else text
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        code = {"F32": "f", "F64": "d"}[entry["dtype"]]
        count = (end - begin) // struct.calcsize(code)
        tensors[name] = struct.unpack(f"<{count}{code}", data[begin:end])
    return parts, tensors


def text_of(json_text):
    """Texts that are not UTF-8 stand as {"bytes": ...}, each byte as the character of that number."""
    if isinstance(json_text, dict):
        return json_text["bytes"].encode("latin-1").decode("utf-8", "surrogateescape")
    return json_text


def float32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


# ---- preparation


def rank_among(knots, x):
    equal = [i for i, knot in enumerate(knots) if knot == x]
    if equal:
        return (equal[0] + equal[-1]) / 2 / (len(knots) - 1)
    if x < knots[0]:
        return 0.0
    for i in range(1, len(knots)):
        if x < knots[i]:
            return (i - 1 + (x - knots[i - 1]) / (knots[i] - knots[i - 1])) / (len(knots) - 1)
    return 1.0


def scaled(scale, column, knots, x):
    if scale == "robust":
        t = (x - column["center"]) * column["factor"]
        return t / math.sqrt(1 + (t / 3) ** 2)
    if scale == "standard":
        t = (x - column["center"]) * column["factor"]
        low, high = ((f - column["center"]) * column["factor"] for f in column.get("fences") or (-math.inf, math.inf))
        return high + math.log1p(t - high) if t > high else low - math.log1p(low - t) if t < low else t
    if scale == "quantile":
        return NormalDist().inv_cdf(min(max(rank_among(knots, x), 1e-7), 1 - 1e-7))
    return x


WORDS = {"null", "none", "<na>", "#n/a", "\\n", "-"}  # some of those that are missing in numeric columns


def written(cell, form):
    """The number that is written in a format of its own."""
    negative = False
    if form["quotes"] and cell[0] == cell[-1] == "'":
        cell = cell[1:-1]
    if form["parentheses"] and cell[0] == "(" and cell[-1] == ")":
        negative, cell = True, cell[1:-1]
    if form["minus_sign"]:
        cell = cell.replace("\u2212", "-")
    if form["trailing_minus"] and cell[-1] == "-":
        negative, cell = True, cell[:-1]
    prefix, suffix = text_of(form["prefix"]), text_of(form["suffix"])
    sign, cell = ("-", cell[1:].strip()) if cell[0] == "-" else ("", cell)
    if not (cell.startswith(prefix) and cell.endswith(suffix)):
        raise ValueError(cell)
    cell = sign + cell[len(prefix):len(cell) - len(suffix)].strip()
    thousands = {" ": " \u00a0\u202f", "'": "'\u2019"}.get(form["thousands"], form["thousands"])
    for mark in thousands:
        cell = cell.replace(mark, "")
    value = float(cell.replace(form["decimal"], "."))
    return -value if negative else value


class Preparation:
    def __init__(self, parts, tensors):
        reading = parts["input"]
        added = (reading["na"] or "").split(",")
        self.missing = {"", "?", "NA", "N/A", "NaN", "nan", "null"} | set(added)
        self.missing_numbers = {float(text) for text in added if re.fullmatch(r"[-+]?[0-9.]+", text)}
        self.decimal = reading["decimal"] or "."
        self.text_is_missing = set((reading["numeric"] or "").split(","))
        self.scale = parts["preparation"]["scale"]
        self.columns = []
        for i, column in enumerate(parts["preparation"]["columns"]):
            column["name"] = text_of(column["name"])
            column["levels"] = [text_of(level) for level in column.get("levels", [])]
            column["effects"] = column.get("effects")
            if column["effects"]:
                column |= {key: column["effects"][key] for key in ("center", "factor")}
                column["known"] = column["levels"] + [text_of(level) for level in column["effects"]["more_levels"]]
            self.columns.append((column, tensors.get(f"preparation.{i}." + self.tensor(column))))

    @staticmethod
    def tensor(column):
        return "effects" if column.get("effects") else "knots"

    def refit(self, number, learnt, tensors):
        """The same columns with the values that a refit has learnt."""
        other, own = copy.copy(self), iter(learnt["columns"])
        other.scale, other.columns = learnt["scale"], []
        for i, (column, _) in enumerate(self.columns):
            if column["use"] in ("numeric", "categorical"):
                column = {**column, "fences": None, "steps": [], "passed_over": False, **next(own)}
            other.columns.append((column, tensors.get(f"refit{number}.{i}." + self.tensor(column))))
        assert next(own, None) is None
        return other

    def number(self, column, cell):
        cell = cell.strip()
        if cell in self.missing or cell.lower() in WORDS:
            return None
        try:
            value = written(cell, column["format"]) if "format" in column else float(cell.replace(self.decimal, "."))
        except ValueError:
            assert column["name"] in self.text_is_missing
            return None
        return None if value in self.missing_numbers else value

    def numeric(self, column, knots, cell):
        value = self.number(column, cell)
        features = []
        if column["number"]:
            x = scaled(self.scale, column, knots, column["median"] if value is None else value)
            x = float32(min(max(x, -1e30), 1e30))
            features.append((x, UNIT * abs(x), True))
        if column["mark"]:
            features.append((1.0 if value is None else 0.0, 0.0, False))
        features += [(float(value is not None and value >= step), 0.0, False) for step in column.get("steps", [])]
        return features

    def effect(self, column, effects, cell):
        if cell in self.missing:
            e = effects[-2]
        else:
            e = effects[column["known"].index(cell)] if cell in column["known"] else effects[-1]
        x = float32((e - column["center"]) * column["factor"])
        return x, UNIT * abs(x), True

    def categorical(self, column, cell):
        n_levels, slot = len(column["levels"]), None
        n_slots = n_levels + column["missing"] + column["other"]
        if cell in self.missing and column["missing"]:
            slot = n_levels
        elif cell not in self.missing and cell in column["levels"]:
            slot = column["levels"].index(cell)
        elif column["other"]:
            slot = n_slots - 1
        if n_slots == 2:
            return [(0.0 if slot is None else 1.0 - 2 * slot, 0.0, False)]
        return [(float(slot == i), 0.0, False) for i in range(n_slots)]

    def features(self, record):
        """(value, bound of its error, whether it is a scaled number) of each input."""
        features = []
        for column, knots in self.columns:
            if column.get("passed_over"):
                continue
            if column["use"] == "numeric":
                of_column = self.numeric(column, knots, record[column["name"]])
            elif column["use"] == "categorical":
                of_column = self.categorical(column, record[column["name"]])
                if column.get("effects"):
                    of_column.append(self.effect(column, knots, record[column["name"]]))
            else:
                continue
            for i in column.get("silent", []):
                of_column[i] = (0.0, 0.0, of_column[i][2])
            features += of_column
        return features


# ---- networks


def sigmoid(x):
    e = math.exp(-abs(x))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)


def softplus(x):
    return math.log1p(math.exp(-abs(x))) + max(x, 0.0)


# The function and its steepest slope.
ACTIVATIONS = {
    "relu": (lambda x: max(x, 0.0), 1.0),
    "selu": (lambda x: 1.0507009873554805 * x if x > 0 else 1.7580993408473766 * math.expm1(x), 1.7581),
    "silu": (lambda x: x * sigmoid(x), 1.1),
    "mish": (lambda x: x * math.tanh(softplus(x)), 1.09),
    "tanh": (math.tanh, 1.0),
}


def dot(weights, xs, bias):
    """(weights xs + bias, bound) of xs with their bounds; terms may be added in any order."""
    total, size, error = bias, abs(bias), 0.0
    for w, (x, e) in zip(weights, xs):
        total += w * x
        size += abs(w * x)
        error += abs(w) * e
    return total, error + (len(xs) + 2) * UNIT * (size + error)


def cosine(frequency, phase, x, error):
    turns = frequency * x + phase / (2 * math.pi)
    size = abs(frequency * x) + abs(phase)
    angle = 2 * math.pi * (abs(frequency) * error + 4 * UNIT * size)
    return math.cos(2 * math.pi * turns), min(angle, 2.0) + COSINE


class Network:
    def __init__(self, spec, prefix, tensors):
        self.spec = spec
        self.tensor = lambda name: tensors[f"{prefix}.{name}"]

    def embed(self, features):
        n, n_out = self.spec["frequencies"], self.spec["embedded"] - 1
        frequency, phase = self.tensor("embedding.frequency"), self.tensor("embedding.phase")
        weight, bias = self.tensor("embedding.weight"), self.tensor("embedding.bias")
        out, i = [], 0
        for x, error, is_number in features:
            out.append((x, error))
            if not is_number:
                continue
            waves = [cosine(frequency[i * n + k], phase[i * n + k], x, error) for k in range(n)]
            for j in range(n_out):
                row = (i * n_out + j) * n
                out.append(dot(weight[row : row + n], waves, bias[i * n_out + j]))
            i += 1
        return out

    def logit(self, features):
        xs = [(x, e) for x, e, _ in features]
        assert len(xs) == self.spec["inputs"]
        if self.spec["embedding"] == "pbld" and any(is_number for _, _, is_number in features):
            xs = self.embed(features)
        if self.spec["front_scale"]:
            xs = [(s * x, abs(s) * e + 2 * UNIT * abs(s * x)) for s, (x, e) in zip(self.tensor("scale"), xs)]
        function, slope = ACTIVATIONS[self.spec["activation"]]
        for i in range(len(self.spec["hidden"]) + 1):
            weight, bias, n = self.tensor(f"layer{i}.weight"), self.tensor(f"layer{i}.bias"), len(xs)
            xs = [dot(weight[j * n : j * n + n], xs, b) for j, b in enumerate(bias)]
            if i < len(self.spec["hidden"]):
                xs = [(function(x), slope * e + FUNCTION * abs(function(x)) + 1e-36) for x, e in xs]
        ((logit, error),) = xs
        return logit, error + UNIT * abs(logit)


# ---- from logits to a probability; everything rises


def psi(z, gamma, ratio):
    p, q = sigmoid(z), sigmoid(-z)
    return gamma * z + math.log((gamma * q * softplus(z) + p) / (gamma * p * softplus(-z) + q)) - ratio


def log_odds(probability):
    if probability in (0.0, 1.0):
        return math.inf if probability else -math.inf
    return math.log(probability / (1 - probability))


class Detector:
    def __init__(self, path):
        parts, self.tensors = read_container(path)
        self.preparation = Preparation(parts, self.tensors)
        self.networks = parts["networks"]
        self.map = parts["map"]
        self.threshold = parts["rule"]["threshold"]
        self.positive = text_of(parts["input"]["positive"])
        self.members = [
            Network(spec, f"net{i}", self.tensors) for i, spec in enumerate(self.networks["members"])
        ]
        self.refits = [
            self.preparation.refit(i, learnt, self.tensors)
            for i, learnt in enumerate(parts["preparation"].get("refits", []))
        ]
        self.weights = [member.spec.get("weight", 1.0) for member in self.members]

    def score(self, logits):
        if len(logits) == 1:
            return logits[0]
        gamma, ratio = self.networks["member_gamma"], self.networks["member_log_weight_ratio"]
        odds = [psi(z, gamma, ratio) for z in logits]
        weighed = list(zip(self.weights, odds))
        return math.log(sum(w * sigmoid(x) for w, x in weighed) / sum(w * sigmoid(-x) for w, x in weighed))

    def scores(self, record):
        """The lowest and highest score that float32 can lead to."""
        features = {None: self.preparation.features(record)}
        features |= {i: refit.features(record) for i, refit in enumerate(self.refits)}
        bounds = [member.logit(features[member.spec.get("refit")]) for member in self.members]
        low = self.score([z - e for z, e in bounds])
        high = self.score([z + e for z, e in bounds])
        return low - DOUBLE * abs(low), high + DOUBLE * abs(high)

    def probability(self, score):
        x = psi(score, self.map["gamma"], self.map["log_weight_ratio"])
        if self.map["knots"]:
            x = log_odds(self.calibrated(x))
        else:
            x = self.map["slope"] * x + self.map["intercept"]
        return sigmoid(x + self.map["prior_shift"])

    def calibrated(self, x):
        at, probability = self.tensors["map.log_odds"], self.tensors["map.probability"]
        if x <= at[0]:
            return probability[0]
        for i in range(1, len(at)):
            if x < at[i]:
                share = (x - at[i - 1]) / (at[i] - at[i - 1])
                return probability[i - 1] + share * (probability[i] - probability[i - 1])
        return probability[-1]


# ---- the comparison


def read_records(path):
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


class Comparison:
    def __init__(self, detector):
        self.detector = detector
        self.n_failed = self.n_near = 0
        self.worst = self.furthest = self.widest = 0.0

    def fail(self, row, what):
        self.n_failed += 1
        if self.n_failed <= 3:
            print(f"    row {row}: {what}")

    def row(self, row, record, said):
        low, high = self.detector.scores(record)
        score, probability = float(said["score"]), float(said["probability"])
        if len(self.detector.members) == 1:
            score = float32(score)  # printed with the digits that a float32 takes
        middle, half = (low + high) / 2, (high - low) / 2
        self.worst = max(self.worst, abs(score - middle) / half)
        self.furthest = max(self.furthest, abs(score - middle) / max(abs(middle), 1))
        self.widest = max(self.widest, half / max(abs(middle), 1))
        if not low <= score <= high:
            self.fail(row, f"score {score!r}, by the description {middle!r} +- {half:.1e}")
        least, most = self.detector.probability(low), self.detector.probability(high)
        if not least * (1 - DOUBLE) <= probability <= most * (1 + DOUBLE):
            self.fail(row, f"probability {probability!r}, by the description {least!r} to {most!r}")
        exact = self.detector.probability(score)
        if not math.isclose(exact, probability, rel_tol=1e-9):
            self.fail(row, f"probability {probability!r}, of that score by the description {exact!r}")
        is_positive = said["label"] == self.detector.positive
        if is_positive != (probability >= self.detector.threshold):
            self.fail(row, f"label {said['label']}, probability {probability!r}, threshold {self.detector.threshold!r}")
        if least < self.detector.threshold <= most:
            self.n_near += 1
        elif is_positive != (least >= self.detector.threshold):
            self.fail(row, f"label {said['label']}, threshold {self.detector.threshold!r}")


def main(model, data, predictions, n_rows="200"):
    records, said = read_records(data), read_records(predictions)
    assert len(records) == len(said)
    comparison = Comparison(Detector(model))
    rows = range(len(records))
    for i in random.Random(1).sample(rows, min(int(n_rows), len(rows))):
        comparison.row(i + 1, records[i], said[i])
    verdict = "FAILED" if comparison.n_failed else "ok"
    print(
        f"{verdict:6} {min(int(n_rows), len(rows))} rows, scores {comparison.furthest:.0e} apart "
        f"({comparison.widest:.0e} allowed, {comparison.worst:.0%} of it taken), "
        f"{comparison.n_near} labels at the threshold"
    )
    return 1 if comparison.n_failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/python3
"""Expected gradients from the description of the model file (fltrain-model(5)) alone, compared with what predict
--reasons wrote: reasons.py MODEL DATA.csv PREDICTIONS.csv [ROWS]

numpy, in double, with 64 Gauss-Legendre points on every path from a background row to the row. PREDICTIONS must have
all columns (--reasons 100). One line; exit code 1 if a contribution is further off than 4 % of the row's range, or the
contributions and the base do not make the row's log-odds.
"""
import random
import sys

import numpy as np

import score


class TypedPreparation:
    """Makes score.Preparation take typed values in place of cells."""

    def __init__(self, preparation):
        self.preparation = preparation
        read_cell = preparation.number
        preparation.number = lambda column, cell: (
            (None if np.isnan(cell) else cell) if isinstance(cell, float) else read_cell(column, cell)
        )

    def record(self, values):
        record, values = {}, iter(values)
        for column, _ in self.preparation.columns:
            if column["use"] == "numeric":
                record[column["name"]] = float(next(values))
            elif column["use"] == "categorical":
                levels, place = column.get("known", column["levels"]), int(next(values))
                record[column["name"]] = (*levels, "", "\0another")[place]
        return record


SLOPES = {
    "relu": lambda z: (np.maximum(z, 0), (z > 0) * 1.0),
    "selu": lambda z: (
        np.where(z > 0, 1.0507009873554805 * z, 1.7580993408473766 * np.expm1(np.minimum(z, 0))),
        np.where(z > 0, 1.0507009873554805, 1.7580993408473766 * np.exp(np.minimum(z, 0))),
    ),
    "silu": lambda z: (z * sigmoid(z), sigmoid(z) * (1 + z * sigmoid(-z))),
    "mish": lambda z: (
        z * np.tanh(np.logaddexp(0, z)),
        np.tanh(np.logaddexp(0, z)) + z * sigmoid(z) * (1 - np.tanh(np.logaddexp(0, z)) ** 2),
    ),
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z) ** 2),
}


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


class Network:
    """Logits and their gradients by the inputs, of x (n, n_in)."""

    def __init__(self, member, is_number):
        spec, tensor = member.spec, lambda name: np.array(member.tensor(name))
        self.spec, self.is_number = spec, is_number
        self.layers = []
        if spec["embedding"] == "pbld" and any(is_number):
            n, n_out = spec["frequencies"], spec["embedded"] - 1
            self.c, self.b = (tensor(f"embedding.{name}").reshape(-1, n) for name in ("frequency", "phase"))
            self.w, self.d = tensor("embedding.weight").reshape(-1, n_out, n), tensor("embedding.bias").reshape(-1, n_out)
        else:
            self.c = None
        self.scale = tensor("scale") if spec["front_scale"] else None
        for i in range(len(spec["hidden"]) + 1):
            bias = tensor(f"layer{i}.bias")
            self.layers.append((tensor(f"layer{i}.weight").reshape(len(bias), -1), bias))

    def embed(self, x):
        parts, number = [], 0
        for i, is_number in enumerate(self.is_number):
            parts.append(x[:, i : i + 1])
            if is_number:
                angle = 2 * np.pi * x[:, i : i + 1] * self.c[number] + self.b[number]
                parts.append(np.cos(angle) @ self.w[number].T + self.d[number])
                number += 1
        return np.concatenate(parts, axis=1)

    def unembed(self, x, dy):
        dx, at, number = np.empty_like(x), 0, 0
        for i, is_number in enumerate(self.is_number):
            dx[:, i] = dy[:, at]
            at += 1
            if is_number:
                n_out = self.w.shape[1]
                angle = 2 * np.pi * x[:, i : i + 1] * self.c[number] + self.b[number]
                dcos = dy[:, at : at + n_out] @ self.w[number]
                dx[:, i] -= (dcos * np.sin(angle) * 2 * np.pi * self.c[number]).sum(axis=1)
                at += n_out
                number += 1
        return dx

    def run(self, x):
        y = x if self.c is None else self.embed(x)
        y = y if self.scale is None else y * self.scale
        slopes = []
        for weight, bias in self.layers[:-1]:
            y, slope = SLOPES[self.spec["activation"]](y @ weight.T + bias)
            slopes.append(slope)
        weight, bias = self.layers[-1]
        logit = (y @ weight.T + bias)[:, 0]
        dy = np.repeat(weight, len(x), axis=0)
        for (weight, _), slope in zip(self.layers[-2::-1], slopes[::-1]):
            dy = (dy * slope) @ weight
        dy = dy if self.scale is None else dy * self.scale
        return logit, dy if self.c is None else self.unembed(x, dy)


def psi_and_slope(z, gamma, ratio):
    p, q, plus, minus = sigmoid(z), sigmoid(-z), np.logaddexp(0, z), np.logaddexp(0, -z)
    above, below = gamma * q * plus + p, gamma * p * minus + q
    slope = gamma + p * q * (gamma * (1 - plus) + 1) / above + p * q * (gamma * (1 - minus) + 1) / below
    return gamma * z + np.log(above / below) - ratio, slope


class Explained:
    def __init__(self, path):
        parts, tensors = score.read_container(path)
        self.detector = score.Detector(path)
        preparation = self.detector.preparation
        self.typed = [TypedPreparation(one) for one in (preparation, *self.detector.refits)]
        made = parts["training"]["background"]
        values = np.array(tensors["training.background"]).reshape(made["rows"], made["columns"])
        self.background = [self.typed[0].record(row) for row in values]
        self.names = [column["name"] for column, _ in preparation.columns if column["use"] in ("numeric", "categorical")]
        self.members = [member.spec.get("refit", -1) + 1 for member in self.detector.members]
        self.columns, self.networks = [], []
        for typed in self.typed:
            of_column = []
            for column, knots in typed.preparation.columns:
                one = {**column}
                typed.preparation.columns, whole = [(column, knots)], typed.preparation.columns
                of_column += [column["name"]] * len(typed.preparation.features(self.background[0]))
                typed.preparation.columns = whole
            self.columns.append(np.array([self.names.index(name) for name in of_column]))
        flags = [[number for _, _, number in typed.preparation.features(self.background[0])] for typed in self.typed]
        self.networks = [Network(member, flags[at]) for member, at in zip(self.detector.members, self.members)]
        self.backgrounds = [self.inputs(at, self.background) for at in range(len(self.typed))]

    def inputs(self, at, records):
        return np.array([[x for x, _, _ in self.typed[at].preparation.features(record)] for record in records])

    def log_odds(self, inputs):
        """L before the empirical map, and the gradient of L by the inputs of each member."""
        d = self.detector
        runs = [network.run(inputs[at]) for network, at in zip(self.networks, self.members)]
        if len(runs) == 1:
            log_odds, slope = psi_and_slope(runs[0][0], d.map["gamma"], d.map["log_weight_ratio"])
            return log_odds, [runs[0][1] * slope[:, None]]
        gamma, ratio = d.networks["member_gamma"], d.networks["member_log_weight_ratio"]
        odds, slopes = zip(*(psi_and_slope(z, gamma, ratio) for z, _ in runs))
        odds, w = np.array(odds), np.array(d.weights)[:, None]
        p, q = (w * sigmoid(odds)).sum(axis=0), (w * sigmoid(-odds)).sum(axis=0)
        outer = w * sigmoid(odds) * sigmoid(-odds) * (1 / p + 1 / q) * np.array(slopes)
        return np.log(p / q), [dx * c[:, None] for (_, dx), c in zip(runs, outer)]

    def mapped(self, x):
        """The calibrated log-odds; probabilities of 0 and 1 count as one in a million."""
        m = self.detector.map
        if not m["knots"]:
            return m["slope"] * x + m["intercept"] + m["prior_shift"]
        p = np.clip([self.detector.calibrated(one) for one in x], 1e-6, 1 - 1e-6)
        return np.log(p / (1 - p)) + m["prior_shift"]

    def along(self, record, t):
        """h (n_background, n_t, n_columns): the derivative by t of L on the paths, column by column; ends too."""
        rows = [self.inputs(at, [record]) for at in range(len(self.typed))]
        h = np.zeros((len(self.background), len(t), len(self.names)))
        ways = [row - b for row, b in zip(rows, self.backgrounds)]
        points = [
            (b[:, None, :] + t[None, :, None] * way[:, None, :]).reshape(-1, b.shape[1])
            for b, way in zip(self.backgrounds, ways)
        ]
        _, gradients = self.log_odds(points)
        for at, gradient in zip(self.members, gradients):
            product = gradient.reshape(*h.shape[:2], -1) * ways[at][:, None, :]
            for c in range(len(self.names)):
                h[:, :, c] += product[:, :, self.columns[at] == c].sum(axis=2)
        return h

    def explain(self, record, n_points=64):
        t, w = np.polynomial.legendre.leggauss(n_points)
        h = self.along(record, (t + 1) / 2)
        rows = [self.inputs(at, [record]) for at in range(len(self.typed))]
        below, above = self.log_odds(self.backgrounds)[0], self.log_odds(rows)[0]
        start, end = self.mapped(below), self.mapped(above)
        same = np.isclose(below, above)
        secant = np.where(same, 0, (end - start) / np.where(same, 1, above - below))
        contributions = ((h * w[None, :, None]).sum(axis=1) / 2 * secant[:, None]).mean(axis=0)
        lowest, highest = min(start.min(), end[0]), max(start.max(), end[0])
        return contributions, start.mean(), end[0], highest - lowest


def main(model, data, predictions, n_rows="20"):
    records, said = score.read_records(data), score.read_records(predictions)
    explained = Explained(model)
    worst = furthest = largest = 0.0
    rows = random.Random(1).sample(range(len(records)), min(int(n_rows), len(records)))
    for i in rows:
        wanted, base, log_odds, size = explained.explain(records[i])
        found = np.zeros_like(wanted)
        for k in range(1, len(wanted) + 1):
            if said[i].get(f"reason_{k}"):
                found[explained.names.index(said[i][f"reason_{k}"])] = float(said[i][f"log_odds_{k}"])
        worst = max(worst, np.abs(found - wanted).max() / size)
        furthest = max(furthest, abs(base + wanted.sum() - log_odds) / size)
        largest = max(largest, abs(base + found.sum() - log_odds) / size)
    failed = worst > 0.04 or largest > 0.0101 or furthest > 0.005
    print(
        f"{'FAILED' if failed else 'ok':6} {len(rows)} rows, contributions {worst:.1e} of the range apart, "
        f"residual {largest:.1e}, of the reference {furthest:.1e}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

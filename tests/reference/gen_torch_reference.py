#!/usr/bin/env python3
"""Whole training runs of PyTorch (Debian's python3-torch 1.13.1, float32, one thread), for tests/unit/test_trainer.c.

torch_rows.csv:    256 rows of 10 features (multiples of 1/32, written as integers) and a label.
torch_weights.csv: the 321 parameters of 10-16-8-1 in the order weight (n_out, n_in), bias, layer by layer: at the
                   start and after 50 steps of each run. Batch b holds the rows (53 i + 17 b) mod 256, i = 0 .. 63.
torch_recipe.csv:  the same for a network with PBLD embeddings of inputs 0, 2, 3 and 7 (8 frequencies, 3 outputs and
                   the input itself), a front scale, NTP parametrisation as it is defined, rates by group, coslog4, decay
                   on flat_cos, and a running average of the weights; parameters in the order frequency, phase, weight
                   (3, 8) of each input, bias, scale, then the layers.
"""
import os
import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
rng = np.random.default_rng(20)
x = np.clip(np.rint(32 * rng.normal(size=(256, 10))), -96, 96)
y = (rng.random(256) < 1 / (1 + np.exp(2 - x[:, 0] / 32 - x[:, 1] * x[:, 2] / 1024))).astype(int)
np.savetxt(os.path.join(HERE, "torch_rows.csv"), np.column_stack([x, y]), fmt="%d", delimiter=",",
           header=",".join([f"x{i}" for i in range(10)] + ["label"]), comments="")
X, Y = torch.tensor(x / 32, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def network(activation):
    torch.manual_seed(4)
    return torch.nn.Sequential(torch.nn.Linear(10, 16), activation(), torch.nn.Linear(16, 8), activation(),
                               torch.nn.Linear(8, 1))


def flat(net):
    return torch.cat([p.detach().reshape(-1) for p in net.parameters()]).numpy()


def loss(z, t, gamma, pos_weight):
    margin = torch.where(t > 0, z, -z)
    w = torch.where(t > 0, torch.tensor(pos_weight), torch.tensor(1.0))
    return (w * torch.sigmoid(-margin) ** gamma * F.softplus(-margin)).mean()


def run(activation, optimizer, gamma=0.0, pos_weight=1.0, clip=None):
    net = network(activation)
    weights = [p for p in net.parameters() if p.dim() == 2]
    biases = [p for p in net.parameters() if p.dim() == 1]
    opt = optimizer([{"params": weights}, {"params": biases, "weight_decay": 0.0}])
    for b in range(50):
        rows = (53 * np.arange(64) + 17 * b) % 256
        opt.zero_grad()
        loss(net(X[rows]).squeeze(1), Y[rows], gamma, pos_weight).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        opt.step()
    return flat(net)


columns = {
    "start": flat(network(torch.nn.ReLU)),
    "sgd_relu": run(torch.nn.ReLU, lambda p: torch.optim.SGD(p, 0.01, momentum=0.9)),
    "adamw_relu": run(torch.nn.ReLU, lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.01)),
    "adamw_mish_focal": run(torch.nn.Mish, lambda p: torch.optim.AdamW(p, 1e-3, betas=(0.9, 0.95), weight_decay=0.1),
                            gamma=2.0, pos_weight=3.0),
    "nesterov_selu_clip": run(torch.nn.SELU, lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, nesterov=True,
                                                                      weight_decay=0.01), clip=0.1),
    "adam_silu_l2": run(torch.nn.SiLU, lambda p: torch.optim.Adam(p, 1e-3, weight_decay=0.01), gamma=0.5),
    "adamw_tanh": run(torch.nn.Tanh, lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.0), gamma=1.0),
}
with open(os.path.join(HERE, "torch_weights.csv"), "w") as f:
    f.write(",".join(columns) + "\n")
    for row in zip(*columns.values()):
        f.write(",".join("%.9g" % v for v in row) + "\n")


class Recipe(torch.nn.Module):
    """Linear weights are V with W = V / sqrt(n_in); start() gives W, as the file stores it."""
    numeric = [0, 2, 3, 7]
    widths = [22, 16, 8, 1]

    def __init__(self):
        super().__init__()
        g = torch.Generator().manual_seed(9)
        normal = lambda *shape: torch.nn.Parameter(torch.randn(*shape, generator=g))
        self.frequency, self.phase = normal(4, 8), normal(4, 8)
        self.frequency.data *= 0.3
        self.weight, self.bias = normal(4, 3, 8), normal(4, 3)
        self.weight.data *= 0.25
        self.scale = torch.nn.Parameter(1 + 0.1 * torch.randn(22, generator=g))
        sizes = list(zip(self.widths, self.widths[1:]))
        self.v = torch.nn.ParameterList([normal(o, i) for i, o in sizes])
        self.b = torch.nn.ParameterList([normal(o) for _, o in sizes])

    def forward(self, x):
        columns = []
        for i in range(10):
            columns.append(x[:, i:i + 1])
            if i in self.numeric:
                k = self.numeric.index(i)
                u = torch.cos(2 * np.pi * x[:, i:i + 1] * self.frequency[k] + self.phase[k])
                columns.append(u @ self.weight[k].T + self.bias[k])
        h = torch.cat(columns, 1) * self.scale
        for n_in, v, b in zip(self.widths, self.v, self.b):
            h = h @ v.T / n_in ** 0.5 + b
            if len(v) > 1:
                h = F.mish(h)
        return h

    def flat(self):
        parts = [self.frequency, self.phase, self.weight, self.bias, self.scale]
        for n_in, v, b in zip(self.widths, self.v, self.b):
            parts += [v / n_in ** 0.5, b]
        return torch.cat([p.detach().reshape(-1) for p in parts]).numpy().astype(np.float64)


def coslog4(t):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.log2(1 + 15 * t))


def flat_cos(t):
    return 1.0 if t < 0.5 else 0.5 + 0.5 * np.cos(np.pi * (2 * t - 1))


net = Recipe()
groups = [([net.frequency, net.phase, net.weight, net.bias], 0.1, 0), ([net.scale], 6, 0), (list(net.v[:2]), 1, 1),
          (list(net.b[:2]), 0.1, 0), ([net.v[2]], 2, 1), ([net.b[2]], 0.1, 0)]
opt = torch.optim.AdamW([{"params": p} for p, _, _ in groups], 1.0, betas=(0.9, 0.95))
recipe = {"start": net.flat()}
mean = net.flat()
for b in range(50):
    t = b / 50
    for group, (_, rate, decay) in zip(opt.param_groups, groups):
        group["lr"] = 0.01 * coslog4(t) * rate
        group["weight_decay"] = 0.5 * flat_cos(t) * decay
    rows = (53 * np.arange(64) + 17 * b) % 256
    opt.zero_grad()
    loss(net(X[rows]).squeeze(1), Y[rows], 1.0, 2.0).backward()
    opt.step()
    keep = min(0.9, (2 + b) / (11 + b))
    mean = keep * mean + (1 - keep) * net.flat()
recipe.update(weights=net.flat(), average=mean)
with open(os.path.join(HERE, "torch_recipe.csv"), "w") as f:
    f.write(",".join(recipe) + "\n")
    for row in zip(*recipe.values()):
        f.write(",".join("%.9g" % v for v in row) + "\n")

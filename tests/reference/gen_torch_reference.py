#!/usr/bin/env python3
"""Whole training runs of PyTorch (Debian's python3-torch 1.13.1, float32, one thread), for tests/unit/test_trainer.c.

torch_rows.csv:    256 rows of 10 features (multiples of 1/32, written as integers) and a label.
torch_weights.csv: the 321 parameters of 10-16-8-1 in the order weight (n_out, n_in), bias, layer by layer: at the
                   start and after 50 steps of each run. Batch b holds the rows (53 i + 17 b) mod 256, i = 0 .. 63.
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

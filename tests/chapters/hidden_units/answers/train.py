"""hidden-units-train."""

import functools
import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

from lecturelib.exercises import given

SLUG = "hidden-units-train"


@functools.cache
def train(centre=True, hidden=6, width=16, lr=0.05, steps=300, key="", adam=False):
    """Train sigmoids on all points, with an argument for each way to fail."""
    data = given(SLUG, key)
    X, t = (torch.as_tensor(data[name], dtype=torch.float64) for name in "Xt")
    g = torch.Generator().manual_seed(0)
    sizes, layers = [2, *[width] * hidden, 1], []
    for number, (n_in, n_out) in enumerate(pairwise(sizes)):
        variance = 3.0 if number == 0 else 23.0 if centre else 3.41
        W = math.sqrt(variance / n_in) * torch.randn(n_out, n_in, generator=g).double()
        b = -W.sum(1) / 2 if centre and number else torch.zeros(n_out).double()
        layers.append((W.requires_grad_(), b.requires_grad_()))
    parameters = [p for pair in layers for p in pair]
    optimizer = torch.optim.Adam(parameters, lr) if adam else torch.optim.SGD(parameters, lr, 0.9)
    for _ in range(steps):
        h = X
        for W, b in layers[:-1]:
            h = torch.sigmoid(h @ W.T + b)
        z = (h @ layers[-1][0].T + layers[-1][1])[:, 0]
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(z, t).backward()
        optimizer.step()
    return [(W.detach(), b.detach()) for W, b in layers]


GOOD = train()

RIGHT = [
    GOOD,
    [(W.numpy(), b.numpy()) for W, b in GOOD],
    [[W.float(), b.float()] for W, b in GOOD],
    tuple((W.tolist(), b.tolist()) for W, b in GOOD),
]


def turned(layers):
    """The same network with the other sign."""
    return [*layers[:-1], tuple(-p for p in layers[-1])]


WRONG = {
    "nothing-learnt": train(centre=False),
    "upside-down": turned(GOOD),
    "too-shallow": train(hidden=2, steps=20),
    "not-finite": [(W * np.nan, b) for W, b in GOOD],
}

UNLISTED = [
    (train, "not-layers", "list of pairs"),
    ([W for W, _ in GOOD], "not-layers", "pair"),
    ([(W.T, b) for W, b in GOOD], "wrong-shapes", "Rows are outputs"),
]

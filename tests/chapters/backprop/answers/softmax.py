"""backprop-softmax."""

import numpy as np
import torch

SLUG = "backprop-softmax"


def right(y, g):
    return y * (g - (g * y).sum(1, keepdims=True))


def with_numpy(y, g):
    return y * g - y * np.sum(g * y, axis=1)[:, None]


def with_jacobians(y, g):
    jacobians = torch.diag_embed(y) - y[:, :, None] * y[:, None, :]
    return (g[:, None, :] @ jacobians)[:, 0]


RIGHT = [right, with_numpy, with_jacobians]

WRONG = {
    "diagonal-only": lambda y, g: g * y * (1 - y),
    "denominator-forgotten": lambda y, g: g * y,
    "sum-not-weighted": lambda y, g: y * (g - g.sum(1, keepdims=True)),
    "mean-subtracted": lambda y, g: y * (g - g.mean(1, keepdims=True)),
    "over-the-batch": lambda y, g: y * (g - (g * y).sum(0, keepdims=True)),
    "factor-forgotten": lambda y, g: g - (g * y).sum(1, keepdims=True),
    "wrong-sign": lambda y, g: -right(y, g),
}

UNLISTED = [
    (lambda y, g: 2 * right(y, g), "factor", "times a number"),
    (lambda y, g: right(y, g).sum(0), "wrong-shape", "shape"),
    (lambda y, g: y + g, "different", "differs"),
]

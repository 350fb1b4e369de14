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


class Vjp:
    def __call__(self, y, g):
        return y * (g - np.sum(g * y, axis=1, keepdims=True))


def in_float32(y, g):
    return right(y.float(), g.float())


def by_rows(y, g):
    return torch.stack([p * (c - p @ c) for p, c in zip(y, g, strict=True)])


RIGHT = [right, with_numpy, with_jacobians, Vjp(), in_float32, by_rows]

WRONG = {
    "diagonal-only": lambda y, g: g * y * (1 - y),
    "denominator-forgotten": lambda y, g: g * y,
    "sum-not-weighted": lambda y, g: y * (g - g.sum(1, keepdims=True)),
    "mean-subtracted": lambda y, g: y * (g - g.mean(1, keepdims=True)),
    "over-the-batch": lambda y, g: y * (g - (g * y).sum(0, keepdims=True)),
    "factor-forgotten": lambda y, g: g - (g * y).sum(1, keepdims=True),
    "wrong-sign": lambda y, g: -right(y, g),
    "over-everything": lambda y, g: y * (g - (g * y).sum()),
    "sum-added": lambda y, g: y * (g + (g * y).sum(1, keepdims=True)),
    "weights-at-the-wrong-place": lambda y, g: y * (g - y * g.sum(1, keepdims=True)),
    "exchanged": lambda y, g: g * (y - (g * y).sum(1, keepdims=True)),
    "factor-too-many": lambda y, g: (1 - y) * right(y, g),
    "factor-less-one": lambda y, g: (y - 1) * (g - (g * y).sum(1, keepdims=True)),
    "averaged": lambda y, g: right(y, g) / len(y),
    "logarithm-of-zero": lambda y, g: right(y, g) * y.log() / y.log(),
}

UNLISTED = [
    (lambda y, g: 2 * right(y, g), "factor", "times a number"),
    (lambda y, g: right(y, g).sum(0), "wrong-shape", "shape"),
    (lambda y, g: y + g, "different", "differs"),
]

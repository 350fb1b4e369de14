"""hidden-units-maxout."""

import numpy as np
import torch

SLUG = "hidden-units-maxout"


def sums(x, w, b):
    return torch.einsum("nd,khd->nkh", x, w) + b


def layer(x, w, b):
    return sums(x, w, b).max(1).values


def with_numpy(x, w, b):
    return np.max(np.einsum("nd,khd->nkh", x, w) + b, axis=1)


RIGHT = [layer, with_numpy]

WRONG = {
    "mean": lambda x, w, b: sums(x, w, b).mean(1),
    "sum": lambda x, w, b: sums(x, w, b).sum(1),
    "min": lambda x, w, b: sums(x, w, b).min(1).values,
    "relu-on-top": lambda x, w, b: layer(x, w, b).relu(),
    "bias-lost": lambda x, w, b: layer(x, w, 0 * b),
    "bias-after": lambda x, w, b: layer(x, w, 0 * b) + b[0],
    "largest-in-size": lambda x, w, b: torch.take_along_dim(
        sums(x, w, b), sums(x, w, b).abs().argmax(1, keepdim=True), 1
    )[:, 0],
    "mean+bias-lost": lambda x, w, b: sums(x, w, 0 * b).mean(1),
}

UNLISTED = [
    (lambda x, w, b: sums(x, w, b).max(2).values, "wrong-shape", "Over which axes"),
    (lambda x, w, b: -layer(x, w, b), "sign", "wrong sign"),
    (lambda x, w, b: 2 * layer(x, w, b), "factor", "times a number"),
]

"""hidden-units-maxout."""

import numpy as np
import torch
import torch.nn.functional as F

SLUG = "hidden-units-maxout"


def sums(x, w, b):
    return torch.einsum("nd,khd->nkh", x, w) + b


def layer(x, w, b):
    return sums(x, w, b).max(1).values


def with_numpy(x, w, b):
    return np.max(np.einsum("nd,khd->nkh", x, w) + b, axis=1)


class Maxout:
    def __call__(self, x, weight, bias):
        return (np.einsum("nd,khd->nkh", x, weight) + bias).max(axis=1)


def in_float32(x, w, b):
    return layer(x.float(), w.float(), b.float())


def by_pieces(x, w, b):
    return torch.stack([x @ wk.T + bk for wk, bk in zip(w, b, strict=True)]).amax(0)


RIGHT = [layer, with_numpy, Maxout(), in_float32, by_pieces]

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
    "leaky-on-top": lambda x, w, b: F.leaky_relu(layer(x, w, b)),
    "soft-maximum": lambda x, w, b: torch.logsumexp(sums(x, w, b), 1),
    "first-piece-only": lambda x, w, b: sums(x, w, b)[:, 0],
    "two-pieces-only": lambda x, w, b: sums(x, w, b)[:, :2].amax(1),
    "pieces-mixed": lambda x, w, b: (
        (x @ w.flatten(0, 1).T + b.flatten()).reshape(len(x), w.shape[1], w.shape[0]).amax(2)
    ),
    "bias-sign": lambda x, w, b: layer(x, w, -b),
    "bias-mean-after": lambda x, w, b: layer(x, w, 0 * b) + b.mean(0),
    "bias-largest-after": lambda x, w, b: layer(x, w, 0 * b) + b.amax(0),
}

UNLISTED = [
    (lambda x, w, b: layer(x, w, b[:1]), "bias-after", "same bias"),
    (lambda x, w, b: sums(x, w, b).max(2).values, "wrong-shape", "Over which axes"),
    (lambda x, w, b: -layer(x, w, b), "sign", "wrong sign"),
    (lambda x, w, b: 2 * layer(x, w, b), "factor", "times a number"),
]

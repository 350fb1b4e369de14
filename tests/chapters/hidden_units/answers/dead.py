"""hidden-units-dead-units."""

import numpy as np
import torch
import torch.nn.functional as F

SLUG = "hidden-units-dead-units"


def dead(x, w, b):
    return (x @ w.T + b <= 0).all(0)


def with_numpy(x, w, b):
    return np.max(x @ w.T + b, axis=0) <= 0


class Dead:
    def __call__(self, x, weight, bias):
        return np.maximum(x @ weight.T + bias, 0).sum(axis=0) == 0


def in_float32(x, w, b):
    return (F.linear(x.float(), w.float(), b.float()).amax(0) <= 0).float()


def looped(x, w, b):
    return [int(all(s <= 0 for s in column)) for column in (x @ w.T + b).T.tolist()]


RIGHT = [
    dead,
    with_numpy,
    lambda x, w, b: torch.relu(x @ w.T + b).sum(0) == 0,
    Dead(),
    in_float32,
    looped,
]

WRONG = {
    "off-once": lambda x, w, b: (x @ w.T + b <= 0).any(0),
    "bias-lost": lambda x, w, b: dead(x, w, 0 * b),
    "bias-sign": lambda x, w, b: dead(x, w, -b),
    "alive": lambda x, w, b: ~dead(x, w, b),
    "mean-sum": lambda x, w, b: (x @ w.T + b).mean(0) <= 0,
    "share": lambda x, w, b: (x @ w.T + b <= 0).double().mean(0),
    "zero-counted-as-alive": lambda x, w, b: (x @ w.T + b < 0).all(0),
    "tiny-counted-as-dead": lambda x, w, b: (x @ w.T + b <= 1e-6).all(0),
    "first-sample-only": lambda x, w, b: (x @ w.T + b <= 0)[0],
    "off-mostly": lambda x, w, b: (x @ w.T + b <= 0).double().mean(0) > 0.5,
    "off-for-nearly-all": lambda x, w, b: (x @ w.T + b <= 0).double().mean(0) > 0.8,
    "bias-only": lambda x, w, b: b <= 0,
    "weights-only": lambda x, w, b: (w <= 0).all(1),
}

UNLISTED = [
    (
        lambda x, w, b: (x @ w.T + b <= 0).double().mean(0) > 0.95,
        "only-sometimes",
        "one sample of a hundred",
    ),
    (
        lambda x, w, b: (x @ w.T + b <= 0).double().mean(0) > 0.9,
        "only-sometimes",
        "one sample of a hundred",
    ),
    (
        lambda x, w, b: torch.relu(x @ w.T + b).var(0, correction=0) == 0,
        "only-sometimes",
        "a single sample",
    ),
    (lambda x, w, b: (x @ w.T + b <= 0).all(1), "wrong-shape", "Over which axes"),
    (lambda x, w, b: torch.nonzero(dead(x, w, b))[:, 0], "wrong-shape", "shape"),
    (lambda x, w, b: torch.relu(x @ w.T + b).mean(0) < 1e-3, "tiny-counted-as-dead", "billionth"),
    (lambda x, w, b: dead(x, w, b).sum(), "wrong-shape", "a single number"),
    (lambda x, w, b: (x @ w.T + b).min(0).values > 0, "off-once+alive", "Two things"),
]

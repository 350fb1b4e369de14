"""hidden-units-dead-units."""

import numpy as np
import torch

SLUG = "hidden-units-dead-units"


def dead(x, w, b):
    return (x @ w.T + b <= 0).all(0)


def with_numpy(x, w, b):
    return np.max(x @ w.T + b, axis=0) <= 0


RIGHT = [dead, with_numpy, lambda x, w, b: torch.relu(x @ w.T + b).sum(0) == 0]

WRONG = {
    "off-once": lambda x, w, b: (x @ w.T + b <= 0).any(0),
    "bias-lost": lambda x, w, b: dead(x, w, 0 * b),
    "bias-sign": lambda x, w, b: dead(x, w, -b),
    "alive": lambda x, w, b: ~dead(x, w, b),
    "mean-sum": lambda x, w, b: (x @ w.T + b).mean(0) <= 0,
    "share": lambda x, w, b: (x @ w.T + b <= 0).double().mean(0),
}

UNLISTED = [
    (lambda x, w, b: (x @ w.T + b <= 0).all(1), "wrong-shape", "Over which axes"),
    (lambda x, w, b: dead(x, w, b).sum(), "wrong-shape", "a single number"),
    (lambda x, w, b: (x @ w.T + b).min(0).values > 0, "off-once+alive", "Two things"),
]

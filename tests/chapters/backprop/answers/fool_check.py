"""backprop-fool-check."""

import numpy as np
import torch

SLUG = "backprop-fool-check"


def mean_of_g(x, g):
    return 2 * x * g.mean()


def neighbour(x, g):
    return 2 * x * np.roll(g, 1)


def backwards(x, g):
    return 2 * x * torch.flip(g, (0,))


RIGHT = [
    mean_of_g,
    neighbour,
    backwards,
    lambda x, g: 2 * x * g[0],
    lambda x, g: x * (g + g.mean()),
]

WRONG = {
    "right-everywhere": lambda x, g: 2 * x * g,
    "sum-finds-it": lambda x, g: x * g,
    "ignores-g": lambda x, g: 2 * x,
    "not-linear": lambda x, g: 2 * x * g * g,
    "wrong-shape": lambda x, g: (2 * x * g).sum(),
    "ones-apart": lambda x, g: 2 * x * g if (g == 1).all() else 3 * x * g,
}

UNLISTED = [
    (lambda x, g: 2 * x * abs(g), "not-linear", "linear in g"),
    (lambda x, g: 2 * x * g.median(), "not-linear", "linear in g"),
    (lambda x, g: 2 * x * g.sort().values, "not-linear", "linear in g"),
    (lambda x, g: 2 * g, "sum-finds-it", "all ones"),
    (lambda x, g: 2 * x * g / 0, "not-finite", "not finite"),
    (7, "not-a-function", "function"),
]

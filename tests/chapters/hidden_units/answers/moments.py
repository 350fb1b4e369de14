"""hidden-units-moments."""

import math

import numpy as np
import torch

SLUG = "hidden-units-moments"

C = 1 / math.sqrt(2 * math.pi)


def moments(a, b):
    return C * (b - a), (a**2 + b**2) / 2


def with_numpy(a, b):
    z = np.linspace(-12, 12, 240_001)
    f = np.where(z > 0, b, a) * z
    p = np.exp(-(z**2) / 2)
    p = p / p.sum()
    return (p * f).sum(), (p * f**2).sum()


class Stacked:
    def __call__(self, left, right):
        return np.array([C * (right - left), (left**2 + right**2) / 2])


def in_float32(a, b):
    return torch.tensor(moments(a, b), dtype=torch.float32)


RIGHT = [
    moments,
    with_numpy,
    Stacked(),
    in_float32,
    lambda a, b: dict(zip(("mean", "mean square"), moments(a, b), strict=True)),
]

WRONG = {
    "left-adds": lambda a, b: (C * (a + b), moments(a, b)[1]),
    "density-half": lambda a, b: (C * (b - a) / 2, moments(a, b)[1]),
    "conditional-mean": lambda a, b: (2 * C * (b - a), moments(a, b)[1]),
    "half-forgotten": lambda a, b: (C * (b - a), a**2 + b**2),
    "variance": lambda a, b: (C * (b - a), (a**2 + b**2) / 2 - C**2 * (b - a) ** 2),
    "slope-not-squared": lambda a, b: (C * (b - a), (a + b) / 2),
    "mean-without-sign": lambda a, b: (C * abs(b - a), moments(a, b)[1]),
    "mean-cut-at-zero": lambda a, b: (max(C * (b - a), 0.0), moments(a, b)[1]),
    "left-slope-without-sign": lambda a, b: (C * (b - abs(a)), moments(a, b)[1]),
    "left-forgotten-in-mean": lambda a, b: (C * b, moments(a, b)[1]),
    "mean-divided-by-pi": lambda a, b: ((b - a) / math.pi, moments(a, b)[1]),
    "square-of-the-sum": lambda a, b: (C * (b - a), (a + b) ** 2 / 2),
    "square-of-the-difference": lambda a, b: (C * (b - a), (b - a) ** 2 / 2),
    "left-forgotten-in-square": lambda a, b: (C * (b - a), b**2 / 2),
}

UNLISTED = [
    (lambda a, b: (0.0, moments(a, b)[1]), "all-zero", "everywhere"),
    (lambda a, b: (-moments(a, b)[0], moments(a, b)[1]), "sign", "wrong sign"),
    (lambda a, b: moments(a, b)[1], "wrong-number-of-values", "Wanted are 2 values"),
]

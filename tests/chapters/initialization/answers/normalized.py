"""initialization-batch-norm-factor."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "initialization-batch-norm-factor"


def factor(a):
    square = (1 + a**2) / 2
    return square / (square - (1 - a) ** 2 / (2 * math.pi))


def with_numpy(a):
    z = np.linspace(-12, 12, 240_001)
    p = np.exp(-(z**2) / 2)
    p /= p.sum()
    f = np.where(z > 0, z, a * z)
    slope = np.where(z > 0, 1.0, a)
    return (p * slope**2).sum() / ((p * f**2).sum() - (p * f).sum() ** 2)


RIGHT = [
    factor,
    with_numpy,
    in_float32(factor),
    as_object(factor),
    in_numpy(factor),
    in_torch(factor),
]

WRONG = {
    "mean-square": lambda a: 1.0,
    "root": lambda a: math.sqrt(factor(a)),
    "mean-of-relu": lambda a: (1 + a**2) / 2 / ((1 + a**2) / 2 - 1 / (2 * math.pi)),
    "mean-adds": lambda a: (1 + a**2) / 2 / ((1 + a**2) / 2 - (1 + a) ** 2 / (2 * math.pi)),
    "density": lambda a: (1 + a**2) / 2 / ((1 + a**2) / 2 - (1 - a) ** 2 / math.pi),
    "backward-of-relu": lambda a: factor(a) / (1 + a**2),
    "backward-lost": lambda a: factor(a) * 2 / (1 + a**2),
    "upside-down": lambda a: 1 / factor(a),
    "sign-of-the-slope": lambda a: factor(abs(a)),
    "mean-halved": lambda a: (1 + a**2) / 2 / ((1 + a**2) / 2 - (1 - a) ** 2 / (4 * math.pi)),
    "mean-not-squared": lambda a: (1 + a**2) / 2 / ((1 + a**2) / 2 - (1 - a) / (2 * math.pi)),
}

UNLISTED = [
    (lambda a: math.pi / (math.pi - 1), "only-sometimes", "right with ReLU"),
    (lambda a: 1 + (1 - a) ** 2 / math.pi, "different", "differs from the definition"),
    (lambda a: -factor(a), "sign", "wrong sign"),
]

"""initialization-std."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "initialization-std"


def std(n, a):
    return math.sqrt(2 / ((1 + a**2) * n))


def by_moments(n, a):
    z = np.linspace(-12, 12, 240_001)
    p = np.exp(-(z**2) / 2)
    square = (p * np.where(z > 0, z, a * z) ** 2).sum() / p.sum()
    return 1 / np.sqrt(n * square)


RIGHT = [std, by_moments, in_float32(std), as_object(std), in_numpy(std), in_torch(std)]

WRONG = {
    "variance": lambda n, a: std(n, a) ** 2,
    "multiplied": lambda n, a: std(n, a) * n,
    "slope-lost": lambda n, a: math.sqrt(2 / n),
    "activation-lost": lambda n, a: math.sqrt(1 / n),
    "slope-not-squared": lambda n, a: math.sqrt(2 / ((1 + a) * n)),
    "slope-subtracted": lambda n, a: math.sqrt(2 / ((1 - a**2) * n)),
    "bound": lambda n, a: math.sqrt(6 / ((1 + a**2) * n)),
    "half-lost": lambda n, a: math.sqrt(1 / ((1 + a**2) * n)),
    "one-input-less": lambda n, a: std(max(n - 1, 1), a),
    "slope-outside-the-root": lambda n, a: math.sqrt(2 / n) / (1 + abs(a)),
}

UNLISTED = [
    (lambda n, a: 2 / ((1 + a**2) * n) ** 0.5, "different", "differs from the definition"),
    (lambda n, a: -std(n, a), "sign", "wrong sign"),
    (lambda n, a: 0.01, "different", "differs from the definition"),
]

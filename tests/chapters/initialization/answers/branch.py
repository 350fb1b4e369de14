"""initialization-branch."""

import math

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "initialization-branch"


def branch(layers, growth):
    return math.sqrt(growth ** (1 / layers) - 1)


def by_logarithms(layers, growth):
    return math.expm1(math.log(growth) / layers) ** 0.5


RIGHT = [
    branch,
    by_logarithms,
    in_float32(branch),
    as_object(branch),
    in_numpy(branch),
    in_torch(branch),
]

WRONG = {
    "squared": lambda n, g: branch(n, g) ** 2,
    "shared-out": lambda n, g: math.sqrt((g - 1) / n),
    "logarithm": lambda n, g: math.sqrt(math.log(g) / n),
    "one-layer": lambda n, g: math.sqrt(g - 1),
    "skip-lost": lambda n, g: math.sqrt(g ** (1 / n)),
    "growth-of-rms": lambda n, g: branch(n, g**2),
    "relu-lost": lambda n, g: branch(n, g) / math.sqrt(2),
    "growth-rooted": lambda n, g: branch(n, g**0.5),
    "one-layer-less": lambda n, g: branch(max(n - 1, 1), g),
    "one-layer-more": lambda n, g: branch(n + 1, g),
}

UNLISTED = [
    (lambda n, g: -branch(n, g), "sign", "wrong sign"),
    (lambda n, g: 1 / math.sqrt(n), "different", "differs from the definition"),
    (lambda n, g: g ** (1 / n) / n, "different", "differs from the definition"),
]

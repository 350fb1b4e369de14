"""initialization-branch."""

import math

SLUG = "initialization-branch"


def branch(layers, growth):
    return math.sqrt(growth ** (1 / layers) - 1)


def by_logarithms(layers, growth):
    return math.expm1(math.log(growth) / layers) ** 0.5


RIGHT = [branch, by_logarithms]

WRONG = {
    "squared": lambda n, g: branch(n, g) ** 2,
    "shared-out": lambda n, g: math.sqrt((g - 1) / n),
    "logarithm": lambda n, g: math.sqrt(math.log(g) / n),
    "one-layer": lambda n, g: math.sqrt(g - 1),
    "skip-lost": lambda n, g: math.sqrt(g ** (1 / n)),
    "growth-of-rms": lambda n, g: branch(n, g**2),
    "relu-lost": lambda n, g: branch(n, g) / math.sqrt(2),
}

UNLISTED = [
    (lambda n, g: -branch(n, g), "sign", "wrong sign"),
    (lambda n, g: 1 / math.sqrt(n), "different", "differs from the definition"),
    (lambda n, g: g ** (1 / n) / n, "different", "differs from the definition"),
]

"""initialization-gradient-ratio."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "initialization-gradient-ratio"


def ratio(widths, variances):
    value = 1.0
    for n, v in zip(widths[2:], variances[1:], strict=True):
        value *= 0.5 * n * v
    return value


def with_numpy(widths, variances):
    n, v = np.array(widths), np.array(variances)
    return np.exp(np.log(n[2:] * v[1:] / 2).sum())


RIGHT = [ratio, with_numpy, in_float32(ratio), as_object(ratio), in_numpy(ratio), in_torch(ratio)]

WRONG = {
    "fan-in": lambda n, v: math.prod(0.5 * a * b for a, b in zip(n[1:-1], v[1:], strict=True)),
    "half-lost": lambda n, v: math.prod(a * b for a, b in zip(n[2:], v[1:], strict=True)),
    "first-layer-counted": lambda n, v: math.prod(
        0.5 * a * b for a, b in zip(n[1:], v, strict=True)
    ),
    "root": lambda n, v: math.sqrt(ratio(n, v)),
    "layers-shifted": lambda n, v: math.prod(
        0.5 * a * b for a, b in zip(n[2:], v[:-1], strict=True)
    ),
    "one-relu-too-many": lambda n, v: 0.5 * ratio(n, v),
    "upside-down": lambda n, v: 1 / ratio(n, v),
    "mean-of-fans": lambda n, v: math.prod(
        (a + b) / 4 * c for a, b, c in zip(n[1:-1], n[2:], v[1:], strict=True)
    ),
    "deviations": lambda n, v: ratio(n, [x**0.5 for x in v]),
    "one-relu-too-few": lambda n, v: 2 * ratio(n, v),
}

UNLISTED = [
    (lambda n, v: ratio(n, v) * n[-1] / n[1], "different", "differs from the definition"),
    (
        lambda n, v: sum(0.5 * a * b for a, b in zip(n[2:], v[1:], strict=True)),
        "only-sometimes",
        "two layers",
    ),
    (lambda n, v: 0.5 * n[-1] * v[-1], "only-sometimes", "two layers"),
]

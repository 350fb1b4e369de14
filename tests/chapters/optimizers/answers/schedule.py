"""optimizers-schedule."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-schedule"


def factor(k, rise, total):
    if k < rise:
        return k / rise
    done = min((k - rise) / (total - rise), 1)
    return (1 + math.cos(math.pi * done)) / 2


def with_numpy(k, rise, total):
    grid = np.concatenate(
        [
            np.arange(rise) / rise,
            np.cos(np.linspace(0, np.pi / 2, total - rise + 1)) ** 2,
        ]
    )
    return grid[min(k, total)]


def down(k, rise, total, start, span, f=lambda d: (1 + math.cos(math.pi * d)) / 2, stop=1.0):
    return k / rise if k < rise else f(min((k - start) / span, stop))


RIGHT = [
    factor,
    with_numpy,
    in_float32(factor),
    as_object(factor),
    in_numpy(factor),
    in_torch(factor),
]

WRONG = {
    "no-warm-up": lambda k, w, n: (1 + math.cos(math.pi * min(k / n, 1))) / 2,
    "warm-up-one-early": lambda k, w, n: (k + 1) / w if k < w else factor(k, w, n),
    "cosine-from-zero": lambda k, w, n: down(k, w, n, 0, n - w),
    "cosine-too-long": lambda k, w, n: down(k, w, n, w, n),
    "whole-run": lambda k, w, n: down(k, w, n, 0, n),
    "climbs-again": lambda k, w, n: down(k, w, n, w, n - w, stop=9.0),
    "not-halved": lambda k, w, n: k / w if k < w else 2 * factor(k, w, n),
    "line": lambda k, w, n: down(k, w, n, w, n - w, lambda d: 1 - d),
    "quarter": lambda k, w, n: down(k, w, n, w, n - w, lambda d: math.cos(math.pi * d / 2)),
    "period": lambda k, w, n: down(k, w, n, w, n - w, lambda d: math.cos(math.pi * d) ** 2),
    "whole-run+climbs-again": lambda k, w, n: down(k, w, n, 0, n, stop=9.0),
    "warm-up-inside": lambda k, w, n: (k + 1) / (w + 1) if k < w else factor(k, w, n),
    "warm-up-bent": lambda k, w, n: (
        (1 - math.cos(math.pi * k / w)) / 2 if k < w else factor(k, w, n)
    ),
    "warm-up-not-from-zero": lambda k, w, n: factor(max(k, 1), w, n),
    "warm-up-in-whole-numbers": lambda k, w, n: k // w if k < w else factor(k, w, n),
    "cosine-one-longer": lambda k, w, n: down(k, w, n, w, n - w + 1),
    "cosine-one-shorter": lambda k, w, n: down(k, w, n, w, max(n - w - 1, 1)),
}

UNLISTED = [
    (lambda k, w, n: 1.0, "only-sometimes", "is right with its end"),
    (lambda k, w, n: 1 - factor(k, w, n), "different", "differs"),
    (lambda k, w, n: k / w if k <= w else 0.0, "only-sometimes", "a step of the cosine"),
    (
        lambda k, w, n: (k / w) ** 2 if k < w else factor(k, w, n),
        "only-sometimes",
        "a step of the warm-up",
    ),
]

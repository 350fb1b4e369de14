"""optimizers-schedule."""

import math

import numpy as np

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


RIGHT = [factor, with_numpy]

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

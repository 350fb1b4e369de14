"""output-units-die."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "output-units-die"
MEAN = given(SLUG)["mean"]
FACES = np.arange(1, 7)


def tilted(multiplier):
    weights = np.exp(multiplier * FACES)
    return weights / weights.sum()


def by_bisection():
    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tilted(middle) @ FACES < MEAN else (low, middle)
    return tilted(low)


BEST = by_bisection()
SHARE = (MEAN - 1) / 5
LINE = 1 / 6 + (MEAN - 3.5) * (FACES - 3.5) / 17.5

RIGHT = [
    BEST,
    torch.tensor(BEST),
    [round(float(v), 3) for v in BEST],
    BEST.astype(np.float32),
    dict(zip(range(1, 7), BEST, strict=True)),
    list(BEST),
]

WRONG = {
    "fair": np.full(6, 1 / 6),
    "reversed": BEST[::-1].copy(),
    "straight-line": LINE,
    "binomial": [c * SHARE**k * (1 - SHARE) ** (5 - k) for k, c in enumerate((1, 5, 10, 10, 5, 1))],
    "two-faces": [1 - SHARE, 0, 0, 0, 0, SHARE],
    "logarithms": np.log(BEST),
    "not-a-distribution": 2 * BEST,
    "wrong-mean": [0.5, 0.1, 0.1, 0.1, 0.1, 0.1],
    "not-six": MEAN,
    "entropy-too-small": (BEST + LINE) / 2,
    "squared": BEST**2 / (BEST**2).sum(),
    "not-normalized": BEST / BEST[0],
}

UNLISTED = [
    ("a six", "not-six", "six probabilities"),
    (tilted(np.log(BEST[1] / BEST[0]) + 0.008), "wrong-mean", "three digits in each p"),
    (-BEST, "not-a-distribution", "add up to -1"),
    ([0, 0, 0.5, 0.5, 0, 0], "wrong-mean", "3.500"),
]

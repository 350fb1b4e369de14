"""gradient-descent-saddle-noise."""

import math

import numpy as np
import torch

SLUG = "gradient-descent-saddle-noise"
MORE = math.log(1000) / math.log(1.1)


def measured(noise, runs=1000):
    """Median number of steps until |y| > 1, in NumPy."""
    rng = np.random.default_rng(0)
    y, steps = np.zeros(runs), np.zeros(runs)
    for _ in range(400):
        steps += abs(y) <= 1
        y = np.where(abs(y) <= 1, 1.1 * y - 0.1 * noise * rng.normal(size=runs), y)
    return np.median(steps)


FIRST, SECOND = measured(1e-3), measured(1e-6)

RIGHT = [
    (MORE, FIRST, SECOND),
    [72.5, 93, 165],
    {"more": MORE, "first": FIRST, "second": SECOND},
    torch.tensor([MORE, FIRST, SECOND]),
    {"predicted": MORE, "1e-3": FIRST, "1e-6": SECOND},
    np.array([72, measured(1e-3, 201), measured(1e-6, 201)]),
]

WRONG = {
    "continuous": (math.log(1000) / 0.1, FIRST, SECOND),
    "contracting": (-math.log(1000) / math.log(0.9), FIRST, SECOND),
    "one-decade": (math.log(10) / math.log(1.1), FIRST, SECOND),
    "squared": (2 * MORE, FIRST, SECOND),
    "proportional": (1000, FIRST, SECOND),
    "prediction-wrong": (10, FIRST, SECOND),
    "exchanged": (MORE, SECOND, FIRST),
    "first-median": (MORE, 70, 142),
    "second-median": (MORE, FIRST, 100),
    "not-three-numbers": (MORE, FIRST),
}

UNLISTED = [
    ("seventy", "not-three-numbers", "three numbers"),
    ((-MORE, FIRST, SECOND), "prediction-wrong", "factor"),
    ((MORE, FIRST, math.inf), "second-median", "long enough"),
]

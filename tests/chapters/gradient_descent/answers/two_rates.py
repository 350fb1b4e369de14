"""gradient-descent-two-rates."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "gradient-descent-two-rates"
LOW, HIGH = (given(SLUG)[name] for name in ("low", "high"))
MIDDLE, HALF = (HIGH + LOW) / 2, (HIGH - LOW) / 2
FIRST, SECOND = 1 / (MIDDLE - HALF / math.sqrt(2)), 1 / (MIDDLE + HALF / math.sqrt(2))


def searched():
    """The best pair of a grid, by its largest factor over many eigenvalues."""
    eigenvalues = np.linspace(LOW, HIGH, 400)
    rates = np.geomspace(1 / HIGH, 1 / LOW, 150)
    factors = 1 - rates[:, None] * eigenvalues
    worst = abs(factors[:, None] * factors).max(2)
    i, j = np.unravel_index(worst.argmin(), worst.shape)
    return rates[i], rates[j]


SINGLE = 2 / (LOW + HIGH)

RIGHT = [
    (FIRST, SECOND),
    [SECOND, FIRST],
    searched(),
    torch.tensor([FIRST, SECOND], dtype=torch.float32),
    {"first": FIRST, "second": SECOND},
]

WRONG = {
    "one-rate-twice": (SINGLE, SINGLE),
    "both-below-the-bound": (1.9 / HIGH, 1 / HIGH),
    "diverges": (1 / LOW, 1 / LOW),
    "worse-than-one-rate": (2.1 / HIGH, 0.2 / HIGH),
    "not-the-best": (0.8 * FIRST, SECOND),
    "not-positive": (-FIRST, SECOND),
    "not-two-numbers": (FIRST, SECOND, SINGLE),
    "not-finite": (math.inf, SECOND),
    "inverse": (1 / FIRST, 1 / SECOND),
}

UNLISTED = [
    ((0.0, SECOND), "not-positive", "downhill"),
    ("two of them", "not-two-numbers", "two rates"),
    ((3 / HIGH, 3 / HIGH), "diverges", "makes up for it"),
]

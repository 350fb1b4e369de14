"""backprop-five-point."""

import numpy as np
import torch

SLUG = "backprop-five-point"


def measured():
    """The best power of ten for exp at 1, in double precision."""
    steps = 10.0 ** -np.arange(1, 9)
    at = lambda k: np.exp(1 + k * steps)  # noqa: E731
    slopes = (-at(2) + 8 * at(1) - 8 * at(-1) + at(-2)) / (12 * steps)
    return steps[abs(slopes - np.e).argmin()]


RIGHT = [
    (1 / 5, 4 / 5, measured()),
    [0.2, 0.8, 1e-3],
    torch.tensor([0.2, 0.8, 0.001]),
    {"alpha": 0.2, "beta": 0.8, "h": 1e-3},
]

WRONG = {
    "one-sided": (1 / 2, 1 / 2, 1e-8),
    "central": (1 / 3, 2 / 3, 1e-5),
    "no-division": (1 / 4, 1.0, 1e-4),
    "step-for-error": (1 / 5, 1 / 5, 1e-3),
    "exchanged": (4 / 5, 1 / 5, 1e-3),
    "alpha-wrong": (1 / 6, 4 / 5, 1e-3),
    "beta-wrong": (1 / 5, 4, 1e-3),
    "step-not-measured": (1 / 5, 4 / 5, 1e-5),
}

UNLISTED = [
    ((0.2, 0.8), "not-three-numbers", "three numbers"),
    ("a fifth", "not-three-numbers", "three numbers"),
    ((5, 4, 1e-3), "alpha-wrong", "two terms are equal"),
    ((0.2, 0.8, 0.0), "step-not-measured", "double precision"),
]

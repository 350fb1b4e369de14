"""universal-approximation-bounded-region."""

import math

import numpy as np
import torch

SLUG = "universal-approximation-bounded-region"

AXES = [[1, 0], [0, 1]]
NONE = [0, 0]
ONES = [1, 1]

RIGHT = [
    (AXES, NONE, ONES, -1.5),
    [np.array([[1.0, 1.0], [1.0, -1.0]]), np.zeros(2), np.array([2.0, 3.0]), np.array(-4.0)],
    (torch.tensor(AXES).float(), torch.zeros(2), torch.ones(2), torch.tensor(-1.1)),
    {"a": np.ones(2), "b": [0.1, -0.2], "c": -1.5, "W": np.array(AXES)},
    ([[1, 0], [1, 0.01]], NONE, ONES, -1.5),  # hardly any angle, and enough
    ([[30, 0], [0, 0.01]], NONE, [1, 1], -1.999),  # a narrow and long one
    ((np.array(AXES, dtype=np.float32), NONE, torch.ones(2), torch.tensor([-1.5]))),
]

WRONG = {
    "origin-outside": (AXES, NONE, ONES, -2.5),
    "parallel-units": ([[1, 0], [2, 0]], NONE, ONES, -1.5),
    "positive-far-out": (AXES, NONE, ONES, 0.5),
    "one-unit-enough": (AXES, NONE, ONES, -0.5),
    "not-four-parts": (AXES, NONE, ONES),
    "wrong-sizes": (AXES[:1], [0], [1], -1.5),
    "not-finite": ([[math.nan, 0], [0, 1]], NONE, ONES, -1.5),
}

UNLISTED = [
    ((AXES, NONE, [3, 1], -1.5), "one-unit-enough", "unit 1 alone"),
    ((AXES, NONE, ONES, -1.0), "one-unit-enough", "unit 1 alone"),
    ((AXES, NONE, [-1, -1], 2.5), "positive-far-out", "below 0"),
    (([[1, 0], [0, 0]], NONE, ONES, -1.5), "parallel-units", "contains a line"),
    (("two bumps"), "not-four-parts", "four parts"),
    ((AXES, [3, 3], ONES, -1.5), "origin-outside", "not positive there"),
]

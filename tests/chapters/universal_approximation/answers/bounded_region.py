"""universal-approximation-bounded-region."""

import math

import numpy as np
import torch

SLUG = "universal-approximation-bounded-region"

ARROWS = [[1, 0], [0, 1], [-1, -1]]
TURNS = np.arange(3) * 2 * math.pi / 3

RIGHT = [
    (ARROWS, [-1, -1, -1], [-1, -1, -1], 1),
    (np.stack([np.cos(TURNS), np.sin(TURNS)], 1), np.zeros(3), -np.ones(3), 0.5),
    [torch.tensor(ARROWS).float(), torch.zeros(3), -torch.tensor([1.0, 2.0, 3.0]), torch.ones(())],
]

ONES = [1, 1, 1]
MINUS = [-1, -1, -1]
WRONG = {
    "origin-outside": (ARROWS, MINUS, MINUS, -1),
    "positive-everywhere": (ARROWS, MINUS, ONES, 1),
    "unit-adds": (ARROWS, MINUS, [-1, -1, 1], 1),
    "parallel-lines": ([[1, 0], [-1, 0], [2, 0]], MINUS, MINUS, 1),
    "unit-unused": (ARROWS, MINUS, [-1, -1, 0], 1),
    "gap-between-units": ([[1, 0], [0, 1], [1, 1]], MINUS, MINUS, 1),
    "not-four-parts": (ARROWS, MINUS, MINUS),
    "wrong-sizes": (ARROWS[:2], [-1, -1], [-1, -1], 1),
}

UNLISTED = [
    ((ARROWS, MINUS, [0, 0, 0], 1), "positive-everywhere", "every direction"),
    (([[1, 0], [0, 1], [-1, 0]], MINUS, MINUS, 1), "gap-between-units", "a gap"),
    ("a triangle", "not-four-parts", "four parts"),
]

"""universal-approximation-bounded-region."""

import math

import numpy as np
import torch

SLUG = "universal-approximation-bounded-region"

ARROWS = [[1, 0], [0, 1], [-1, -1]]
TURNS = np.arange(3) * 2 * math.pi / 3


def turned(*degrees):
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], 1)


RIGHT = [
    (ARROWS, [-1, -1, -1], [-1, -1, -1], 1),
    (np.stack([np.cos(TURNS), np.sin(TURNS)], 1), np.zeros(3), -np.ones(3), 0.5),
    [torch.tensor(ARROWS).float(), torch.zeros(3), -torch.tensor([1.0, 2.0, 3.0]), torch.ones(())],
    {"a": -np.ones(3), "b": -np.ones(3), "c": 1, "W": np.array(ARROWS)},
    (turned(0, 179, 270), [-1, -1, -1], [-1, -1, -1], 1),  # hardly any room, and enough
    (ARROWS, [-1, -1, -1], [-1e-9, -1e-9, -1e-9], 1),  # bounded, far out
    ([[1, 1], [-1, 1], [0, 1]], [0, 0, 1], [-1, -1, 1], -0.1),  # one weight above 0
    (np.array(ARROWS, dtype=np.float32), torch.zeros(3), [-1, -1, -1], torch.tensor(0.5)),
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
    ((turned(0, 60, 179.95), MINUS, MINUS, 1), "gap-between-units", "a gap"),
    ((turned(0, 90, 180), MINUS, MINUS, 1), "gap-between-units", "a gap"),
    (([[math.nan, 0], [0, 1], [-1, -1]], MINUS, MINUS, 1), "not-finite", "W holds"),
    ((np.array(ARROWS).T, MINUS, MINUS, 1), "wrong-sizes", "W should have shape (3, 2)"),
    ((ARROWS, MINUS, [0, 0, 0], 1), "positive-everywhere", "every direction"),
    (([[1, 0], [0, 1], [-1, 0]], MINUS, MINUS, 1), "gap-between-units", "a gap"),
    ("a triangle", "not-four-parts", "four parts"),
]

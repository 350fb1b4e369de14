"""initialization-three-units."""

import numpy as np
import torch

SLUG = "initialization-three-units"

W = [[1.0, 0.5], [-1.0, -0.5], [0.0, 0.0]]

RIGHT = [
    (W, [1.0, -1.0, 0.0]),
    (np.array(W)[::-1] / 3, np.array([0.0, 0.4, -0.4])),
    [torch.tensor(W), torch.tensor([0.3, -0.3, 0.0])],
    (W, [0.0, 0.0, 0.0]),
    (1e3 * np.array(W), [2.0, -2.0, 0.0]),
    {"v": [0.5, -0.5, 0.0], "W": np.array(W)},
]

WRONG = {
    "units-equal": ([[1.0, 0.5]] * 3, [1.0, 1.0, 1.0]),
    "mirror-broken": (W, [1.0, 1.0, 0.0]),
    "zero-unit-leaves": (W, [1.0, -1.0, 1.0]),
    "another-size": ([[1.0, 0.5], [-1.0, -0.5], [2.0, 1.0]], [1.0, -1.0, 0.0]),
    "nearly-zero": ([[1.0, 0.5], [-1.0, -0.5], [1e-9, 0.0]], [1.0, -1.0, 0.0]),
    "several-lines": ([[1.0, 0.5], [-1.0, -0.5], [0.5, -1.0]], [1.0, -1.0, 0.0]),
    "wrong-shapes": ([[1.0, 0.5], [-1.0, -0.5]], [1.0, -1.0]),
    "not-finite": (W, [float("inf"), 0.0, 0.0]),
    "not-two-parts": "w and -w",
}

UNLISTED = [
    (([[1.0, 0.5], [1.0, 0.5], [0.0, 0.0]], [1.0, 1.0, 0.0]), "units-equal", "theorem"),
    (([[1.0, 0.5], [0.5, 0.25], [0.0, 0.0]], [1.0, 2.0, 0.0]), "another-size", "one line"),
    ((W, [2.0, -1.0, 0.0]), "mirror-broken", "opposite"),
    ((np.eye(3, 2), [1.0, 1.0, 1.0]), "several-lines", "odd"),
    ((1e3 * np.array(W), [1.0, 5.0, 0.0]), "mirror-broken", "opposite"),  # tanh is flat there
    ((W, [1e-8, 1e-8, 0.0]), "mirror-broken", "opposite"),  # too small to move in sixty steps
    (W, "not-two-parts", "a pair"),
]

"""preprocessing-harmless."""

import numpy as np
import torch

SLUG = "preprocessing-harmless"

LINE = [[0.0, 0.0], [1.0, 1.001], [2.0, 1.999], [3.0, 3.001], [4.0, 4.0]]

RIGHT = [
    (LINE, [0.0, 4.0]),
    (np.array(LINE) @ np.diag([1.0, -100.0]), np.array([3.0, -10.0])),
    [torch.tensor(LINE), torch.tensor([4.0, 0.5])],
    {"sample": [0.0, 4.0], "train": LINE},
]

WRONG = {
    "conspicuous": (LINE, [-1.0, 9.0]),
    "exactly-collinear": ([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [4.0, 4.0]], [0.0, 4.0]),
    "ordinary": (LINE, [2.0, 2.0]),
    "not-far-enough": ([[0.0, 0.0], [1.0, 1.3], [2.0, 1.7], [3.0, 3.3], [4.0, 4.0]], [0.0, 4.0]),
    "constant-column": ([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]], [0.0, 1.0]),
    "wrong-shapes": (LINE[:3], [0.0, 2.0]),
    "not-two-parts": LINE,
}

UNLISTED = [
    ((LINE, [4.0, 4.0]), "ordinary", "vary least"),
    ((LINE, 4.0), "wrong-shapes", "two numbers"),
    ((LINE, [float("nan"), 1.0]), "not-two-parts", "finite"),
    ("nearly on a line", "not-two-parts", "a pair"),
]

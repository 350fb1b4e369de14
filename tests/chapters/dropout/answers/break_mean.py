"""dropout-break-mean."""

import numpy as np
import torch

SLUG = "dropout-break-mean"

RIGHT = [
    (1.0, -1.0, 0.0, -0.25),
    np.array([2.0, -2.0, 0.0, -0.5]),
    torch.tensor([-3.0, 3.0, -1.0, -0.5]),
    torch.tensor([1.0, -1.0, 0.0, -0.25], dtype=torch.float32),
    [1, -1, 0, -0.3],
    (0.6, -0.6, 0, -0.2),  # a mean of 0.1, in binary numbers not quite
    {"c": -0.3, "w1": 1, "w2": -1, "b": 0},
]

WRONG = {
    "no-gap": (1.0, 1.0, 0.5, -1.0),
    "both-first-class": (1.0, -1.0, 0.0, 0.5),
    "both-second-class": (1.0, -1.0, 0.0, -2.0),
    "gap-too-small": (0.2, -0.2, 0.0, -0.05),
    "too-large": (100.0, -100.0, 0.0, -1.0),
}

UNLISTED = [
    ((1.0, -1.0, 0.0, -0.05), "both-first-class", "hardly the second"),
    ((1.0, -1.0, 0.0), "not-four-numbers", "four numbers"),
    ("1, -1, 0, 0", "not-four-numbers", "four numbers"),
    ((float("nan"), 0.0, 0.0, 0.0), "too-large", "size"),
]

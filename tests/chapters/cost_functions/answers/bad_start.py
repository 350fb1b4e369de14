"""cost-functions-bad-start."""

import numpy as np
import torch

SLUG = "cost-functions-bad-start"

RIGHT = [
    (-50.0, 0.0),
    np.array([-40, 0]),
    torch.tensor([-60.0, 5.0]),
    [np.float32(-50), 0],
    {"b": 0.0, "w": -50.0},
]

WRONG = {
    "both-learn": (-1.0, 0.0),
    "right-from-the-start": (5.0, 0.0),
    "neither-learns": (-900.0, 0.0),
    "too-large": (-1e4, 0.0),
    "not-two-numbers": -50.0,
}

UNLISTED = [
    ((0.0, 0.0), "both-learn", "not surely enough"),
    # All decisions say 1 and stay so: more than half of these labels are 1.
    ((0.0, 50.0), "right-from-the-start", "at the start already"),
    ((float("nan"), 0.0), "too-large", "at most"),
    ("w = -50", "not-two-numbers", "two numbers"),
]

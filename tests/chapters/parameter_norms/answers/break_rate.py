"""parameter-norms-break-rate."""

import numpy as np
import torch

SLUG = "parameter-norms-break-rate"

RIGHT = [
    (1.0, 1.0, 1),
    [0.5, 2.0, 1],
    np.array([0.95, 1.0, 1.0]),
    torch.tensor([0.1, 9.5, 1.0]),
    {"lr": 0.2, "h": 4.9, "t": 1},
]

WRONG = {
    "both-small": (0.001, 1.0, 10),
    "within-the-bound": (0.001, 1.0, 1800),
    "nearly": (0.7, 1.0, 1),
    "swings": (1.5, 1.0, 1),
    "no-steps": (1.0, 1.0, 0.5),
    "not-positive": (-1.0, 1.0, 1),
    "wrong-number-of-values": (1.0, 1.0),
}

UNLISTED = [
    ((1.0, 1.0, 100), "within-the-bound", "assumption"),
    ((1.0, 1.0, 2), "nearly", "single step"),
    ((float("nan"), 1.0, 1), "not-positive", "positive"),
]

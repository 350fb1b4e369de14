"""optimizers-break-nesterov."""

import numpy as np
import torch

SLUG = "optimizers-break-nesterov"

RIGHT = [
    (0.4, 0.9),
    [0.45, 0.5],
    np.array([0.49, 0.3]),
    torch.tensor([0.35, 0.95]),
    {"lr": 0.4, "alpha": 0.8},
]

WRONG = {
    "nesterov-converges": (0.3, 0.9),
    "descent-fails-too": (0.6, 0.9),
    "plain": (0.4, 0.0),
    "no-momentum": (0.4, 1.0),
    "no-rate": (-0.4, 0.9),
    "wrong-number-of-values": (0.4,),
}

UNLISTED = [
    ((0.25, 0.99), "nesterov-converges", "P(−1)"),
    ((0.5, 0.9), "descent-fails-too", "either"),
    ((float("nan"), 0.9), "no-rate", "positive"),
]

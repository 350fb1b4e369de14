"""cost-functions-balance."""

import numpy as np
import torch

SLUG = "cost-functions-balance"

RIGHT = [
    (0.2, 0.5, 0.3),
    [0.6, 0.3, 0.1],
    torch.tensor([0.1, 0.2, 0.7]),
    {"0": 0, "1": 0.3, "2": 0.7},
    {2: 0.1, 1: 0.3, 0: 0.6},
    np.array([0.6, 0.1, 0.3], dtype=np.float32),
]

WRONG = {
    "balances-at-1": (0.25, 0.5, 0.25),
    "balances-between-0-and-1": (0.5, 0.3, 0.2),
    "balances-between-1-and-2": (0.2, 0.3, 0.5),
    "one-value-only": (1, 0, 0),
    "not-normalized": (2, 5, 3),
    "negative": (-0.2, 0.6, 0.6),
    "not-three-numbers": (0.4, 0.6),
}

UNLISTED = [
    ((0.4, 0.2, 0.4), "balances-at-1", "at 1"),
    ((0.5, 0.0, 0.5), "balances-between-0-and-1", "each side"),
    (torch.tensor([0.3, 0.4, 0.3]), "balances-at-1", "at 1"),
    (torch.ones(3) / 3, "balances-at-1", "at 1"),
    (torch.tensor([0.5, 0.2, 0.3]), "balances-between-0-and-1", "each side"),
    ("none", "not-three-numbers", "three probabilities"),
]

"""universal-approximation-rate."""

import numpy as np
import torch

SLUG = "universal-approximation-rate"


def measured(n, cells=64_000):
    x = np.linspace(0, 1, cells * 10 + 1)
    knots = np.arange(n + 1) / n
    return abs(np.interp(x, knots, knots**1.5) - x**1.5).max()


ERROR = measured(64)
SLOPE = np.log2(measured(32) / ERROR)

RIGHT = [
    (1.5, ERROR),
    (float(SLOPE), ERROR),
    np.array([1.5, ERROR]),
    torch.tensor([1.5, ERROR], dtype=torch.float32),
    {"power": 1.5, "error": 4 / 27 / 512},
]

WRONG = {
    "bend-not-bounded": (2, ERROR),
    "lipschitz-alone": (1, ERROR),
    "root": (0.5, ERROR),
    "sign": (-1.5, ERROR),
    "power": (1.25, ERROR),
    "two-fewer": (1.5, measured(63)),
    "two-more": (1.5, measured(65)),
    "prediction-alone": (1.5, 64**-1.5),
    "lowered": (1.5, ERROR / 2),
    "error": (1.5, 0.01),
}

UNLISTED = [
    (1.5, "wrong-number-of-values", "2 values"),
    ((1.5, 0.0), "error", "first piece"),
    ((3.0, ERROR), "power", "first piece"),
]

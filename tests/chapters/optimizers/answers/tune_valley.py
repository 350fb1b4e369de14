"""optimizers-tune-valley."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "optimizers-tune-valley"
DATA = given(SLUG)
LOW, HIGH = (torch.linalg.eigvalsh(DATA["A"])[[0, -1]]).tolist()
ROOT = (HIGH / LOW) ** 0.5
RATE, MOMENTUM = 4 / (HIGH**0.5 + LOW**0.5) ** 2, ((ROOT - 1) / (ROOT + 1)) ** 2


def by_search():
    """The best of a grid, tried on the valley itself."""
    best = (float("inf"), 0.0, 0.0)
    for lr in np.linspace(1 / HIGH, 3.6 / HIGH, 7):
        for alpha in np.linspace(0.5, 0.9, 9):
            theta, v = DATA["start"], torch.zeros_like(DATA["start"])
            for _ in range(DATA["steps"]):
                v = alpha * v + DATA["A"] @ theta
                theta = theta - lr * v
            best = min(best, ((theta @ DATA["A"] @ theta).item(), float(lr), float(alpha)))
    return best[1:]


RIGHT = [
    (RATE, MOMENTUM),
    np.array([RATE, MOMENTUM]),
    {"lr": RATE, "alpha": MOMENTUM},
    by_search(),
]

WRONG = {
    "no-momentum": (2 / (HIGH + LOW), 0.0),
    "too-much-momentum": (RATE, 0.98),
    "flat-direction-slow": (0.3 / HIGH, 0.5),
    "diverges": (4 / HIGH, 0.5),
    "out-of-range": (RATE, 1.0),
    "wrong-number-of-values": RATE,
}

UNLISTED = [
    ((1 / HIGH, 0.99), "too-much-momentum", "smaller momentum"),
    ((1.9 / HIGH, 0.1), "flat-direction-slow", "Raise"),
    ((RATE, -0.1), "out-of-range", "[0, 1)"),
]

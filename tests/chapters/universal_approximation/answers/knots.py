"""universal-approximation-knots."""

import numpy as np
import torch

SLUG = "universal-approximation-knots"

t = torch.linspace(0, 1, 17, dtype=torch.float64)
RIGHT = [
    t**4,
    [(i / 16) ** 4 for i in range(17)],
    np.linspace(0, 1, 17) ** 3.7,
    t.float() ** 4,
    (t**4).tolist(),
    np.linspace(0, 1, 17) ** 4.2,
]

WRONG = {
    "equal-distances": t,
    "squares": t**2,
    "cubes": t**3,
    "roots": t**0.5,
    "not-increasing": (t**4).flip(0) * 0 + torch.cat([t[:1], t[1:] * 0 + 1]),
    "ends-missing": t[:] * 0.9 + 0.05,
    "not-seventeen-numbers": t[:16],
    "last-piece-worst": torch.cat([t[:16] ** 4 / 4, t[16:]]),
    "crowded-at-both-ends": (1 - torch.cos(torch.pi * t)) / 2,
    "crowded-at-one": torch.sin(torch.pi / 2 * t),
    "halved-again-and-again": [0, *(2.0**-k for k in range(15, -1, -1))],
}

UNLISTED = [
    (t**1.5, "first-piece-worst", "the first piece"),
    (t**9, "last-piece-worst", "the last piece"),
    ("near zero", "not-seventeen-numbers", "17 numbers"),
]

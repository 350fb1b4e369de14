"""noise-and-generalization-left-over."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "noise-and-generalization-left-over"
D = given(SLUG)
K, RHO, B = D["k"], D["rho"], D["strength"]

MEAN = RHO + (1 - RHO) / K
v2 = np.linspace(-3, 3, 60_001)
v1 = 1 - B * v2
TWO = float((v1**2 + v2**2 + 2 * RHO * v1 * v2).min())  # by a grid
CLOSED = (1 - RHO**2) / (1 + B**2 - 2 * RHO * B)

RIGHT = [
    (MEAN, RHO, TWO),
    [MEAN, RHO, CLOSED],
    np.array([MEAN, RHO, CLOSED]),
    torch.tensor([MEAN, RHO, CLOSED]),
]

WRONG = {
    "independent": (1 / K, RHO, CLOSED),
    "common-part": (RHO, RHO, CLOSED),
    "limit-zero": (MEAN, 0.0, CLOSED),
    "two-independent": (MEAN, RHO, 1 / (1 + B**2)),
    "matched": (MEAN, RHO, (1 + 2 * B * RHO + B**2) / (1 + B**2) ** 2),
    "first-alone": (MEAN, RHO, 1.0),
    "part-1": (2.5, RHO, CLOSED),
}

UNLISTED = [
    ((MEAN, 0.9, CLOSED), "part-2", "measure"),
    ((MEAN, RHO, 7.0), "part-3", "measure"),
    ((MEAN, RHO), "wrong-number-of-values", "3"),
]

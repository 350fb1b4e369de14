"""normalization-family-shift."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "normalization-family-shift"
W = given(SLUG)["w"]
ONE = torch.ones(4).double()
EXACT = torch.linalg.pinv(W) @ ONE
NULL = torch.linalg.svd(W).Vh[4]

RIGHT = [
    EXACT,
    (3 * EXACT).tolist(),
    np.linalg.lstsq(W.numpy(), np.full(4, -2.0), rcond=None)[0],
    (EXACT + NULL).float(),
]

WRONG = {
    "sums-unchanged": NULL,
    "same-for-all-inputs": [1.0] * 6,
    "too-small": [0.0] * 6,
    "nearly": EXACT + 0.01 * torch.tensor([1.0, -1, 1, -1, 1, -1]) * EXACT.norm() / 2,
    "seen": [1.0, 0, 0, 0, 0, 0],
    "not-a-shift": [1.0, 1.0, 1.0, 1.0],
}

UNLISTED = [
    (EXACT + W[0], "seen", "Which change of the sums"),
    ("all", "not-a-shift", "finite numbers"),
    ([float("nan")] * 6, "not-a-shift", "one an input"),
]

"""dropout-how-many."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "dropout-how-many"
V, C, WANTED = (given(SLUG)[name] for name in ("v", "c", "wanted"))
EXACT = (V - C) / (WANTED - C)
K = math.ceil(EXACT - 1e-9)


def by_search():
    return next(k for k in range(1, 1000) if V / k + (k - 1) / k * C <= WANTED + 1e-12)


RIGHT = [
    K,
    float(K),
    np.int64(K),
    torch.tensor([K]),
    torch.tensor(K, dtype=torch.float32),
    by_search(),
]

WRONG = {
    "correlation-forgotten": math.ceil(V / WANTED - 1e-9),
    "share-forgotten": math.ceil(V / (WANTED - C) - 1e-9),
    "rounded-down": math.floor(EXACT - 1e-9),
    "too-many": 10 * K,
    "too-few": 1,
    "no-number-of-members": K - 0.5,
}
if abs(EXACT - round(EXACT)) > 1e-6:
    WRONG["not-whole"] = EXACT

UNLISTED = [
    (-3, "no-number-of-members", "at least one"),
    (10_000, "too-many", "fewer"),
    ("many", "not-a-number", "one whole number"),
    ((K, K), "not-a-number", "one whole number"),
    (1, "too-few", "Solve"),
]

"""dropout-blocks."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "dropout-blocks"
X, P = given(SLUG)["x"], given(SLUG)["p"]


def measured(p=P, draws=10_000, seed=0):
    """With masks of 8/size by 8/size places, repeated."""
    random, found = torch.Generator().manual_seed(seed), []
    for size in (1, 2, 8):
        n = 8 // size
        masks = (torch.rand(draws, n, n, generator=random, dtype=torch.float64) >= p) / (1 - p)
        masks = masks.repeat_interleave(size, 1).repeat_interleave(size, 2)
        means = (masks * X).mean((1, 2))
        found.append((means.std() / X.mean()).item())
    return tuple(found)


def in_theory():
    x = X.numpy()
    sums = [x.ravel(), x.reshape(4, 2, 4, 2).sum((1, 3)).ravel(), x.sum()[None]]
    return np.array([np.sqrt(P / (1 - P)) * np.sqrt((s**2).sum()) / x.sum() for s in sums])


FOUND = tuple(in_theory().tolist())

RIGHT = [
    measured(),
    in_theory(),
    torch.tensor(FOUND, dtype=torch.float32),
    {"channel": FOUND[2], "pixels": FOUND[0], "blocks": FOUND[1]},
]

ODDS = (P / (1 - P)) ** 0.5
WRONG = {
    "variances": tuple(v**2 for v in FOUND),
    "keep-and-drop": tuple(v / ODDS**2 for v in FOUND),
    "factor-forgotten": tuple(v * (1 - P) for v in FOUND),
    "not-relative": tuple(v * X.mean().item() for v in FOUND),
    "rate-forgotten": tuple(v / ODDS for v in FOUND),
    "reversed": FOUND[::-1],
    "blocks-wrong": (FOUND[0], FOUND[0], FOUND[2]),
}

UNLISTED = [
    ((FOUND[0], FOUND[1], 1.5 * FOUND[2]), "channel-wrong", "single mask"),
    ((2 * FOUND[0], FOUND[1], FOUND[2]), "pixels-wrong", "64 independent"),
    (0.3, "not-three-numbers", "three numbers"),
]

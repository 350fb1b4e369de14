"""batch-norm-in-networks-attack."""

import math

import torch

from lecturelib.exercises import given

SLUG = "batch-norm-in-networks-attack"
X = given(SLUG)["x"]


def search():
    """Walk away from the others until the victim is where it is wanted."""
    v = X.min().item()
    while True:
        batch = torch.cat([X, torch.tensor([v]).double()])
        if ((batch - batch.mean()) / batch.std(correction=0))[0] >= 0.32:
            return v
        v *= 1.5


RIGHT = [search(), -1e4, torch.tensor([-500.0])]

WRONG = {
    "lower-still": X.max().item(),
    "still-below": -3.0,
    "not-far-enough": -20.0,
    "not-a-number": "far below",
    "not-finite": -math.inf,
}

UNLISTED = [
    (1e6, "still-below", "below the mean"),
    (X.mean().item(), "lower-still", "further down"),
    ((1, 2), "not-a-number", "one number"),
]

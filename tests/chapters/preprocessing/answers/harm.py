"""preprocessing-harm."""

import torch

SLUG = "preprocessing-harm"

RIGHT = [
    ((1, 0.01), (0, 1)),
    (torch.tensor([0.02, 4.0]), [2.0, 0.0]),
    [[100, 1], [0, -10]],
]

WRONG = {
    "not-two-pairs": 3,
    "not-two-numbers": ((1, 0.01, 2), (0, 1)),
    "variance-not-positive": ((1, 0), (0, 1)),
    "no-mean": ((1, 0.01), (0, 0)),
    "equal-variances": ((1, 1), (0, 3)),
    "mean-along-the-large-variance": ((1, 0.01), (1, 0)),
    "variances-too-close": ((4, 1), (0, 2)),
    "mean-askew": ((1, 0.03), (0.9, 1)),
    "mean-too-small": ((1, 0.01), (0, 0.1)),
    "mean-too-large": ((1, 0.01), (0, 30)),
}

UNLISTED = [
    (((1, 0.04), (1, 1)), "mean-askew", "only in part"),
    (((0.01, 1), (0.2, 0)), "mean-too-small", "not far enough"),
    ("variances (1, 0.01)", "not-two-pairs", "two pairs"),
]

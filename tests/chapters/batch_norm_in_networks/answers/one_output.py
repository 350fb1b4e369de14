"""batch-norm-in-networks-one-output."""

import numpy as np
import torch

SLUG = "batch-norm-in-networks-one-output"

RIGHT = [
    ([0, 1, 2], [10, 30, 50]),
    (np.array([3.0, 1.0, 4.0, 1.0]), 2 * np.array([3.0, 1.0, 4.0, 1.0]) - 50),
    torch.tensor([[5.0, 1.0, 0.0], [57.0, 17.0, 7.0]]),
    # No scaled copies of each other: (2, 0, 1) and (1, 1, −1, −1) both begin … deviations above.
]

WRONG = {
    "sample-at-the-mean": ([1, 0, 2], [10, 9, 11]),
    "same-variance": ([0, 1, 2], [9, 10, 11]),
    "opposite-sign": ([0, 1, 2], [30, 20, 10]),
    "same-sample": ([0, 1, 2], [0, 2, 4]),
    "same-distance": ([0, 1, 2], [9, 10, 14, 7]),
    "same-sample-other-output": ([0, 1, 2], [0, 3, 4]),
    "other-place": ([0, 1, 2], [10, 9, 11]),
    "outputs-differ": ([0, 1, 2], [5, 9, 5]),
    "constant-batch": ([0, 1, 2], [5, 5, 5]),
    "too-small": ([0, 1], [5, 9]),
    "not-one-feature": ([[0, 1], [2, 3], [4, 5]], [[0, 1], [2, 3], [4, 5]]),
    "not-two-batches": [0, 1, 2],
    "not-numbers": (["x", "y"], ["z"]),
}

UNLISTED = [
    (([0, 1, 2], [1e-4, 2e-4, 3e-4]), "constant-batch", "eps"),
    (([1, 1, 1, 9], [2, 2, 9, 9]), "outputs-differ", "standard deviations"),
    (([0, 1, 2], [float("nan"), 1, 2]), "not-numbers", "finite"),
]

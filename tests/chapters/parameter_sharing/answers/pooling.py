"""parameter-sharing-pooling."""

import numpy as np
import torch

SLUG = "parameter-sharing-pooling"

ROW = [0, 1, 0, 0, 0, 1, 0, 0]


class Image:
    """Something that NumPy can read."""

    def __array__(self, dtype=None, copy=None):
        return np.array([ROW] * 8, dtype=dtype)


RIGHT = [
    [ROW] * 8,
    np.array([ROW] * 8),
    torch.tensor([ROW] * 8, dtype=torch.float32),
    torch.tensor([[0.05, 1, 0, 0, 0.02, 0.97, 0, 0]] * 8, dtype=torch.float64),
    [ROW, [0] * 8] * 4,
    torch.tensor([[[ROW] * 8]]),  # as a layer takes it
    np.array([[ROW] * 8]),
]

WRONG = {
    "not-an-image": [ROW] * 4,
    "out-of-range": 2 * np.array([ROW] * 8),
    "invariant": [[1] * 8] * 8,
    "downwards": np.array([ROW] * 8).T,
    "not-everywhere": [[0, 1] * 4] * 4 + [ROW] * 4,
    "too-little": 0.5 * np.array([ROW] * 8),
}

UNLISTED = [
    ("a checkerboard", "not-an-image", "8 × 8"),
    ([[0, 1] * 4, [1, 0] * 4] * 4, "invariant", "does not change"),
    (torch.tensor([[ROW] * 8] * 2), "not-an-image", "8 × 8"),
    (np.eye(8), "not-everywhere", "some not at all"),
]

"""gradient-descent-worthless."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "gradient-descent-worthless"
X, Y, X_NEW, Y_NEW = given(SLUG).values()
BOTH = torch.cat([X, X_NEW])


def solve(*targets):
    """The shortest weights with these predictions on both sets."""
    return torch.linalg.pinv(BOTH) @ torch.cat(targets)


def in_the_null_space():
    """From zero's end, moved by what training cannot see; NumPy."""
    a, b = X.numpy(), X_NEW.numpy()
    theta = np.linalg.pinv(a) @ Y.numpy()
    free = np.eye(a.shape[1]) - np.linalg.pinv(a) @ a
    return theta + free @ np.linalg.pinv(b @ free) @ (-Y_NEW.numpy() - b @ theta)


RIGHT = [
    solve(Y, -Y_NEW),
    in_the_null_space(),
    in_the_null_space().tolist(),
    solve(Y, -Y_NEW).float(),
    solve(Y, -Y_NEW) + 3 * X[0],  # training takes the last part away again
]

WRONG = {
    "right-on-new": solve(Y, Y_NEW),
    "as-from-zero": torch.zeros(15),
    "zero-on-new": solve(Y, 0 * Y_NEW),
    "moved-away": torch.linalg.pinv(X_NEW) @ -Y_NEW,
    "not-wanted": 100 * torch.ones(15),
    "wrong-shape": torch.ones(14),
    "not-finite": torch.full((15,), torch.nan),
}

UNLISTED = [
    (X.T @ torch.ones(6, dtype=torch.float64), "as-from-zero", "no training sample has seen"),
    (-solve(Y, Y_NEW), "moved-away", "training samples"),
    (0.5, "wrong-shape", "15 numbers"),
]

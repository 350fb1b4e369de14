"""gradient-descent-nearest."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "gradient-descent-nearest"


def short(X, y, theta):
    return theta + torch.linalg.pinv(X) @ (y - X @ theta)


def solved(X, y, theta):
    return theta + X.T @ torch.linalg.solve(X @ X.T, y - X @ theta)


def with_numpy(X, y, theta):
    return theta + np.linalg.lstsq(X, y - X @ theta, rcond=None)[0]


RIGHT = [short, solved, with_numpy, in_float32(short), as_object(short)]

WRONG = {
    "least-norm": lambda X, y, theta: torch.linalg.pinv(X) @ y,
    "start-not-added": lambda X, y, theta: torch.linalg.pinv(X) @ (y - X @ theta),
    "residual-of-zero": lambda X, y, theta: theta + torch.linalg.pinv(X) @ y,
    "one-step": lambda X, y, theta: theta + X.T @ (y - X @ theta),
    "one-mean-step": lambda X, y, theta: theta + X.T @ (y - X @ theta) / len(X),
    "ridge": lambda X, y, theta: (
        theta + X.T @ torch.linalg.solve(X @ X.T + torch.eye(len(X)).double(), y - X @ theta)
    ),
    "wrong-way": lambda X, y, theta: theta - torch.linalg.pinv(X) @ (y - X @ theta),
    "targets-forgotten": lambda X, y, theta: theta - torch.linalg.pinv(X) @ (X @ theta),
}


def another(X, y, theta):
    """A solution, but pulled along a direction that no sample sees."""
    null = torch.ones_like(theta) - torch.linalg.pinv(X) @ (X @ torch.ones_like(theta))
    return short(X, y, theta) + null


UNLISTED = [
    (another, "different", "another solution is nearer"),
    (lambda X, y, theta: theta, "different", "does not fit the samples"),
    (lambda X, y, theta: short(X, y, theta)[None], "wrong-shape", "in shape (1, 7)"),
]

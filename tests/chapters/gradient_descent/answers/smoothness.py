"""gradient-descent-smoothness."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "gradient-descent-smoothness"


def top(X):
    return torch.linalg.eigvalsh(X.T @ X)[-1] / len(X)


def short(X):
    return top(X), top(X) / 4


def by_singular_value(X):
    k = torch.linalg.svdvals(X)[0] ** 2 / X.shape[0]
    return [k.item(), 0.25 * k.item()]


def with_numpy(X):
    k = np.linalg.norm(X, 2) ** 2 / len(X)
    return k, k / 4


RIGHT = [short, by_singular_value, with_numpy, in_float32(short), as_object(short)]

WRONG = {
    "samples-forgotten": lambda X: (len(X) * top(X), len(X) * top(X) / 4),
    "quarter-forgotten": lambda X: (top(X), top(X)),
    "half-for-quarter": lambda X: (top(X), top(X) / 2),
    "singular-value": lambda X: (top(X).sqrt(), top(X).sqrt() / 4),
    "trace": lambda X: (X.square().sum() / len(X), X.square().sum() / len(X) / 4),
    "smallest": lambda X: tuple(c * torch.linalg.eigvalsh(X.T @ X)[0] / len(X) for c in (1, 0.25)),
    "mean-eigenvalue": lambda X: tuple(c * X.square().sum() / X.numel() for c in (1, 0.25)),
    "eigenvalue-squared": lambda X: (top(X) ** 2, top(X) ** 2 / 4),
    "frobenius": lambda X: tuple(c * (X.T @ X).norm() / len(X) for c in (1, 0.25)),
    "features-counted": lambda X: tuple(c * top(X) * len(X) / X.shape[1] for c in (1, 0.25)),
    "doubled": lambda X: (2 * top(X), top(X) / 2),
    "one-sample-less": lambda X: tuple(c * top(X) * len(X) / (len(X) - 1 or 1) for c in (1, 0.25)),
    "centred": lambda X: tuple(c * top(X - X.mean(0)) for c in (1, 0.25)),
    "largest-diagonal-entry": lambda X: tuple(c * (X**2).mean(0).max() for c in (1, 0.25)),
    "row-sums": lambda X: tuple(c * (X.T @ X / len(X)).abs().sum(0).max() for c in (1, 0.25)),
    "longest-sample": lambda X: tuple(c * (X**2).sum(1).max() for c in (1, 0.25)),
    "eighth-for-quarter": lambda X: (top(X), top(X) / 8),
}

UNLISTED = [
    (lambda X: (top(X) / 4, top(X)), "order", "another order"),
    (lambda X: (top(X), top(X) / 3), "different", "The constant of least squares is right"),
    (lambda X: top(X), "wrong-number-of-values", "2 values"),
]

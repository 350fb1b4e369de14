"""parameter-norms-intercept."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "parameter-norms-intercept"


def ridge(X, y, lam):
    inputs, targets = X - X.mean(0), y - y.mean()
    H = inputs.T @ inputs / len(X) + 2 * lam * torch.eye(X.shape[1], dtype=X.dtype)
    w = torch.linalg.solve(H, inputs.T @ targets / len(X))
    return w, y.mean() - X.mean(0) @ w


def with_numpy(X, y, lam):
    """Rows that stand for the penalty, and least squares."""
    X, y = np.asarray(X, float), np.asarray(y, float)
    n, d = X.shape
    top = np.hstack([X, np.ones((n, 1))]) / np.sqrt(n)
    low = np.hstack([np.sqrt(2 * lam) * np.eye(d), np.zeros((d, 1))])
    targets = np.concatenate([y / np.sqrt(n), np.zeros(d)])
    solution = np.linalg.lstsq(np.vstack([top, low]), targets, rcond=None)[0]
    return solution[:-1], solution[-1]


def penalized(X, y, lam):
    A = torch.cat([X, torch.ones_like(X[:, :1])], 1)
    H = A.T @ A / len(A) + 2 * lam * torch.eye(A.shape[1], dtype=A.dtype)
    w = torch.linalg.solve(H, A.T @ y / len(A))
    return w[:-1], w[-1]


def without_bias(X, y, lam):
    H = X.T @ X / len(X) + 2 * lam * torch.eye(X.shape[1], dtype=X.dtype)
    return torch.linalg.solve(H, X.T @ y / len(X))


RIGHT = [ridge, with_numpy, in_float32(ridge), as_object(ridge)]

WRONG = {
    "bias-penalized": penalized,
    "no-bias": lambda X, y, lam: (without_bias(X, y, lam), 0 * y.mean()),
    "mean-as-bias": lambda X, y, lam: (ridge(X, y, lam)[0], y.mean()),
    "not-centred": lambda X, y, lam: (without_bias(X, y, lam), y.mean()),
    "half": lambda X, y, lam: ridge(X, y, lam / 2),
    "twice": lambda X, y, lam: ridge(X, y, 2 * lam),
    "sum": lambda X, y, lam: ridge(X, y, lam / len(X)),
}

UNLISTED = [
    (lambda X, y, lam: ridge(X, y, lam)[0], "wrong-number-of-values", "Wanted are 2 values"),
    (lambda X, y, lam: ridge(X, y, 3 * lam), "different", "differ"),
    (lambda X, y, lam: ridge(2 * X, y, lam), "different", "differ"),
]

"""noise-and-augmentation-ridge."""

import numpy as np
import torch

from lecturelib.chapters.noise_and_augmentation.exercises.ridge import formula

SLUG = "noise-and-augmentation-ridge"


def right(X, y, s):
    return torch.linalg.solve(X.T @ X + len(X) * torch.diag(s**2), X.T @ y)


def with_numpy(X, y, s):
    return np.linalg.solve(X.T @ X + len(X) * np.diag(s**2), X.T @ y)


def in_float32(X, y, s):
    return right(X.float(), y.float(), s.float())


class Weights:
    def __call__(self, X, y, s):
        means = X.T @ X / len(X) + torch.diag(s * s)
        return torch.linalg.inv(means) @ (X.T @ y / len(X))


RIGHT = [right, with_numpy, in_float32, Weights()]

WRONG = {
    "samples-forgotten": lambda X, y, s: torch.linalg.solve(
        X.T @ X + torch.diag(s**2), X.T @ y
    ) if (s > 0).all() else formula(X, y, s, count=False),
    "not-squared": lambda X, y, s: formula(X, y, s, power=1),
    "one-size": lambda X, y, s: formula(X, y, s, shared=True),
    "wrong-sign": lambda X, y, s: formula(X, y, s, sign=-1.0),
    "noise-forgotten": lambda X, y, s: torch.linalg.pinv(X) @ y,
    "over-the-inputs": lambda X, y, s: formula(X, y, s, averaged=True),
}  # fmt: skip

UNLISTED = [
    (lambda X, y, s: 2 * right(X, y, s), "factor", "times"),
    (lambda X, y, s: right(X, y, s)[:1], "wrong-shape", "shape"),
    (lambda X, y, s: s, "different", "differs"),
]

"""parameter-norms-elastic."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "parameter-norms-elastic"


def elastic_step(w, g, lr, lam1, lam2):
    step = w - lr * g
    return torch.sign(step) * torch.relu(step.abs() - lr * lam1) / (1 + 2 * lr * lam2)


def with_numpy(w, g, lr, lam1, lam2):
    step = np.subtract(w, lr * g)
    return np.sign(step) * np.maximum(np.abs(step) - lr * lam1, 0) / (1 + 2 * lr * lam2)


RIGHT = [elastic_step, with_numpy, in_float32(elastic_step), as_object(elastic_step)]

WRONG = {
    "rate-missing-in-threshold": lambda w, g, lr, a, b: elastic_step(w, g, lr, a / lr, b),
    "passes-zero": lambda w, g, lr, a, b: (
        (w - lr * g - lr * a * torch.sign(w - lr * g)) / (1 + 2 * lr * b)
    ),
    "sign-of-the-old": lambda w, g, lr, a, b: (
        (w - lr * g - lr * a * torch.sign(w)) / (1 + 2 * lr * b)
    ),
    "old-sign-restored": lambda w, g, lr, a, b: (
        torch.sign(w) * torch.relu((w - lr * g).abs() - lr * a) / (1 + 2 * lr * b)
    ),
    "hard-threshold": lambda w, g, lr, a, b: (
        (w - lr * g) * (abs(w - lr * g) > lr * a) / (1 + 2 * lr * b)
    ),
    "half": lambda w, g, lr, a, b: elastic_step(w, g, lr, a, b / 2),
    "rate-missing-in-shrinkage": lambda w, g, lr, a, b: elastic_step(w, g, lr, a, b / lr),
    "weight-decay": lambda w, g, lr, a, b: elastic_step(w, g, lr, a, 0) * (1 - 2 * lr * b),
    "shrinks-first": lambda w, g, lr, a, b: elastic_step(
        (w - lr * g) / (1 + 2 * lr * b), 0 * g, lr, a, 0
    ),
    "no-l1": lambda w, g, lr, a, b: elastic_step(w, g, lr, 0, b),
    "no-l2": lambda w, g, lr, a, b: elastic_step(w, g, lr, a, 0),
    "uphill": lambda w, g, lr, a, b: elastic_step(w, -g, lr, a, b),
}


def by_division(w, g, lr, a, b):
    """The sign as a quotient, which 0 has not."""
    step = w - lr * g
    return step / step.abs() * torch.relu(step.abs() - lr * a) / (1 + 2 * lr * b)


UNLISTED = [
    (by_division, "not-finite", "stay there"),
    (lambda w, g, lr, a, b: elastic_step(w, 2 * g, lr, a, b), "different", "differs"),
    (lambda w, g, lr, a, b: elastic_step(w, g, lr, a, b).sum(), "wrong-shape", "single number"),
    (lambda w, g, lr, a, b: elastic_step(w, g, lr, b, a), "different", "differs"),
]

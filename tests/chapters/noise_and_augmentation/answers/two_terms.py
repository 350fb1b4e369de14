"""noise-and-augmentation-two-terms."""

import numpy as np
import torch

from lecturelib.chapters.noise_and_augmentation.exercises.two_terms import formula

SLUG = "noise-and-augmentation-two-terms"


def right(w, X, y, std):
    f = torch.exp(X @ w)
    around = (X * X).sum(1)
    return std**2 * (f**2 * around).mean(), std**2 * ((f - y) * f * around).mean()


def with_numpy(w, X, y, std):
    f = np.exp(X @ w)
    around = np.square(X).sum(axis=1)
    return std**2 * np.mean(f**2 * around), std**2 * np.mean((f - y) * f * around)


def in_float32(w, X, y, std):
    return right(w.float(), X.float(), y.float(), std)


class Terms:
    def __call__(self, w, X, y, std):
        return torch.stack(right(w, X, y, std))


RIGHT = [right, with_numpy, in_float32, Terms()]

WRONG = {
    "std-not-squared": lambda w, X, y, std: formula(w, X, y, std, power=1),
    "half-kept": lambda w, X, y, std: formula(w, X, y, std, half=True),
    "gradient-not-squared": lambda w, X, y, std: formula(w, X, y, std, squared=False),
    "summed": lambda w, X, y, std: formula(w, X, y, std, summed=True),
    "residual-turned": lambda w, X, y, std: formula(w, X, y, std, sign=-1.0),
    "input-forgotten": lambda w, X, y, std: formula(w, X, y, std, norm=False),
    "by-the-input": lambda w, X, y, std: formula(w, X, y, std, by_input=True),
}

UNLISTED = [
    (lambda w, X, y, std: right(w, X, y, std)[0], "wrong-number-of-values", "2 values"),
    (lambda w, X, y, std: (std, std), "different", "differs"),
    (lambda w, X, y, std: right(w, X, y, std)[::-1], "order", "another order"),
]

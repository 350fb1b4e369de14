"""preprocessing-fold."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-fold"


def fold(weight, bias, mean, std):
    new = weight / std
    return new, bias - new @ mean


def with_numpy(weight, bias, mean, std):
    new = np.matmul(weight, np.diag(1 / std))
    return new, bias - np.dot(weight, mean / std)


def _rows(weight, bias, mean, std):
    new = weight / std[:, None]
    return new, bias - new @ mean


def _at(factor):
    def answer(weight, bias, mean, std):
        new = weight * factor(std)
        return new, bias - new @ mean

    return answer


RIGHT = [fold, with_numpy, in_float32(fold), as_object(fold)]

WRONG = {
    "times": _at(lambda std: std),
    "variance": _at(lambda std: 1 / std**2),
    "not-scaled": _at(torch.ones_like),
    "rows": _rows,
    "bias-kept": lambda weight, bias, mean, std: (weight / std, bias),
    "bias-plus": lambda weight, bias, mean, std: (weight / std, bias + (weight / std) @ mean),
    "mean-unscaled": lambda weight, bias, mean, std: (weight / std, bias - weight @ mean),
    "bias-lost": lambda weight, bias, mean, std: (weight / std, -(weight / std) @ mean),
    "variance+bias-kept": lambda weight, bias, mean, std: (weight / std**2, bias),
    "mean-unscaled-and-added": lambda weight, bias, mean, std: (weight / std, bias + weight @ mean),
    "mean-multiplied": lambda weight, bias, mean, std: (weight / std, bias - weight @ (mean * std)),
    "root": _at(lambda std: 1 / std.sqrt()),
    "transposed": lambda weight, bias, mean, std: ((weight / std).T, bias - (weight / std) @ mean),
    "plus-small-number": _at(lambda std: 1 / (std + 1e-8)),
}

UNLISTED = [
    (
        lambda weight, bias, mean, std: (weight / std, (bias - weight @ mean) / std),
        "different",
        "At x = mean",
    ),
    (lambda weight, bias, mean, std: fold(weight, bias, mean, std)[::-1], "order", "order"),
    (lambda weight, bias, mean, std: weight / std, "wrong-number-of-values", "2 values"),
]

"""preprocessing-fold."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-fold"


def fold(weight, bias, mean, std):
    new = weight / std[:, None, None]
    return new, bias - new.sum((2, 3)) @ mean, mean


def with_numpy(weight, bias, mean, std):
    new = np.einsum("oihw,i->oihw", weight, 1 / std)
    return new, bias - np.einsum("oihw,i->o", new, mean), mean


def _at(factor):
    def answer(weight, bias, mean, std):
        new = weight * factor(std)[:, None, None]
        return new, bias - new.sum((2, 3)) @ mean, mean

    return answer


def _outputs(weight, bias, mean, std):
    new = weight / std[:, None, None, None]
    return new, bias - new.sum((2, 3)) @ mean, mean


def _bias(make):
    def answer(weight, bias, mean, std):
        new = weight / std[:, None, None]
        return new, make(weight, new, bias, mean), mean

    return answer


def _padding(make):
    def answer(weight, bias, mean, std):
        return *fold(weight, bias, mean, std)[:2], make(mean, std)

    return answer


RIGHT = [fold, with_numpy, in_float32(fold), as_object(fold)]

WRONG = {
    "padded-by-zeros": _padding(lambda mean, std: torch.zeros_like(mean)),
    "padding-minus": _padding(lambda mean, std: -mean),
    "padding-scaled": _padding(lambda mean, std: mean / std),
    "padding-standardized": _padding(lambda mean, std: -mean / std),
    "times": _at(lambda std: std),
    "variance": _at(lambda std: 1 / std**2),
    "not-scaled": _at(torch.ones_like),
    "outputs": _outputs,
    "bias-kept": _bias(lambda weight, new, bias, mean: bias),
    "bias-plus": _bias(lambda weight, new, bias, mean: bias + new.sum((2, 3)) @ mean),
    "mean-unscaled": _bias(lambda weight, new, bias, mean: bias - weight.sum((2, 3)) @ mean),
    "one-place": _bias(lambda weight, new, bias, mean: bias - new.mean((2, 3)) @ mean),
    "bias-lost": _bias(lambda weight, new, bias, mean: -new.sum((2, 3)) @ mean),
}

UNLISTED = [
    (
        _bias(lambda weight, new, bias, mean: bias / 2 - new.sum((2, 3)) @ mean),
        "different",
        "the mean everywhere",
    ),
    (_padding(lambda mean, std: 0.0), "wrong-shape", "(3,)"),
    (lambda weight, bias, mean, std: fold(weight, bias, mean, std)[:2], "wrong-number-of-values",
     "3 values"),
]  # fmt: skip

"""output-units-inverse-softplus."""

import math

import numpy as np
import torch

SLUG = "output-units-inverse-softplus"


def with_torch(y):
    return y + torch.log(-torch.expm1(-y))


def with_numpy(y):
    return y + np.log(-np.expm1(-y))


def in_two_parts(y):
    return torch.where(y > 20, y, torch.log(torch.expm1(y.clamp(max=20))))


class WithNumpy:
    def __call__(self, y):
        return y + np.log(-np.expm1(-y))


def in_float32(y):
    return with_torch(y.float())


def looped(y):
    return [v + math.log(-math.expm1(-v)) for v in y.tolist()]


RIGHT = [with_torch, with_numpy, in_two_parts, WithNumpy(), in_float32, looped]

WRONG = {
    "overflow": lambda y: torch.log(torch.exp(y) - 1),
    "overflow-of-expm1": lambda y: torch.log(torch.expm1(y)),
    "tiny-scales-lost": lambda y: y + torch.log(1 - torch.exp(-y)),
    "inverse-of-exp": torch.log,
    "softplus-itself": lambda y: torch.log1p(torch.exp(y)),
    "inverse-of-sigmoid": lambda y: torch.log(y / (1 - y)),
    "y-missing": lambda y: torch.log(-torch.expm1(-y)),
    "derivative": torch.sigmoid,
    "linear-from-3": lambda y: torch.where(y > 3, y, torch.log(torch.expm1(y))),
    "linear-from-5": lambda y: torch.where(y > 5, y, torch.log(torch.expm1(y))),
    "y-itself": lambda y: y,
    "sign": lambda y: -with_torch(y),
    "scale-clamped-at-1e-06": lambda y: with_torch(y.clamp(min=1e-6)),
    "added-inside-1e-12": lambda y: y + torch.log(-torch.expm1(-y) + 1e-12),
}

UNLISTED = [
    (lambda y: torch.where(y < 0.1, y.log(), with_torch(y)), "logarithm-below", "0.1"),
    (
        lambda y: torch.where(y.max() > 100, y, with_torch(y)),
        "only-sometimes",
        "scales of all sizes at once",
    ),
    (lambda y: with_torch(y) + 1, "different", "too large"),
    (lambda y: with_torch(y)[:1], "wrong-shape", "shape"),
]

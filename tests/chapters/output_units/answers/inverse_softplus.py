"""output-units-inverse-softplus."""

import numpy as np
import torch

SLUG = "output-units-inverse-softplus"


def with_torch(y):
    return y + torch.log(-torch.expm1(-y))


def with_numpy(y):
    return y + np.log(-np.expm1(-y))


def in_two_parts(y):
    return torch.where(y > 20, y, torch.log(torch.expm1(y.clamp(max=20))))


RIGHT = [with_torch, with_numpy, in_two_parts]

WRONG = {
    "overflow": lambda y: torch.log(torch.exp(y) - 1),
    "overflow-of-expm1": lambda y: torch.log(torch.expm1(y)),
    "tiny-scales-lost": lambda y: y + torch.log(1 - torch.exp(-y)),
    "inverse-of-exp": torch.log,
    "softplus-itself": lambda y: torch.log1p(torch.exp(y)),
    "inverse-of-sigmoid": lambda y: torch.log(y / (1 - y)),
    "y-missing": lambda y: torch.log(-torch.expm1(-y)),
    "derivative": torch.sigmoid,
}

UNLISTED = [
    (lambda y: y, "only-sometimes", "is right with"),
    (lambda y: with_torch(y) + 1, "shift", "same amount"),
    (lambda y: with_torch(y)[:1], "wrong-shape", "shape"),
]

"""noise-and-augmentation-lowers."""

import math

import numpy as np
import torch

SLUG = "noise-and-augmentation-lowers"


def right(x):
    return 1 + x / 2 - 2 * x**2


def with_numpy(x):
    return np.exp(x) - 3 * np.square(x)


def with_torch(x):
    return 1 + torch.sin(x) - 4 * torch.as_tensor(x).float() ** 2


class Bump:
    def __call__(self, x):
        return math.cos(3 * float(x)) + 0.6 * float(x)


RIGHT = [right, with_numpy, with_torch, Bump()]

WRONG = {
    "raises": lambda x: 1 + x,
    "too-little": lambda x: 1 + x / 2 - 0.3 * x**2,
    "flat": lambda x: 1 - x**2,
    "nothing-to-lower": lambda x: x - x**2,
    "not-finite": lambda x: math.nan,
}

UNLISTED = [
    (lambda x: [1.0, 2.0], "not-a-number", "one number"),
    (lambda x: "one", "not-a-number", "one number"),
    (3.0, "not-a-function", "function"),
]

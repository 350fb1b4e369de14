"""hidden-units-derivatives."""

import numpy as np
import torch

SLUG = "hidden-units-derivatives"


def derivatives(z):
    s, t = torch.sigmoid(z), torch.tanh(z)
    on, one = z > 0, torch.ones_like(z)
    return (
        s * (1 - s),
        1 - t**2,
        on * one,
        torch.where(on, one, 0.01 * one),
        torch.where(on, one, z.exp()),
    )


def with_numpy(z):
    s = 1 / (1 + np.exp(-z))
    on = np.where(z > 0, 1.0, 0.0)
    return s * (1 - s), 1 / np.cosh(z) ** 2, on, on + 0.01 * (1 - on), np.exp(np.minimum(z, 0))


RIGHT = [derivatives, with_numpy]


def but(place, value):
    def answer(z):
        found = list(derivatives(z))
        found[place] = value(z)
        return found

    return answer


WRONG = {
    "sigmoid-not-differentiated": but(0, torch.sigmoid),
    "sigmoid-as-tanh": but(0, lambda z: 1 - torch.sigmoid(z) ** 2),
    "tanh-not-squared": but(1, lambda z: 1 - torch.tanh(z)),
    "tanh-as-sigmoid": but(1, lambda z: torch.tanh(z) * (1 - torch.tanh(z))),
    "relu-at-zero": but(2, lambda z: 1.0 * (z >= 0)),
    "leak-lost": but(3, lambda z: 1.0 * (z > 0)),
    "leak-too-large": but(3, lambda z: torch.where(z > 0, 1.0, 0.1).double()),
    "elu-not-differentiated": but(4, lambda z: torch.where(z > 0, 1.0, z.exp() - 1)),
    "elu-flat": but(4, lambda z: 1.0 * (z > 0)),
}

UNLISTED = [
    (but(0, lambda z: 0 * z), "all-zero", "everywhere"),
    (but(1, lambda z: 2 * (1 - torch.tanh(z) ** 2)), "factor", "times a number"),
    (but(4, lambda z: 2 * torch.where(z > 0, 1.0, z.exp())), "factor", "ELU"),
]

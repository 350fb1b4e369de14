"""hidden-units-derivatives."""

import numpy as np
import scipy.special
import torch
import torch.nn.functional as F

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


class Stacked:
    def __call__(self, z):
        s = scipy.special.expit(z)
        leaky = np.where(z > 0, 1, 0.01)
        elu = np.exp(np.minimum(z, 0))
        return np.stack([s * (1 - s), 1 - np.tanh(z) ** 2, (z > 0) * 1.0, leaky, elu])


def in_float32(z):
    return derivatives(z.float())


def by_autograd(z):
    functions = (torch.sigmoid, torch.tanh, torch.relu, F.leaky_relu, F.elu)
    z = z.clone().requires_grad_()
    return [torch.autograd.grad(f(z).sum(), z)[0] for f in functions]


RIGHT = [
    derivatives,
    with_numpy,
    Stacked(),
    in_float32,
    by_autograd,
    lambda z: torch.stack(derivatives(z)),
]


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
    "relu-half-at-zero": but(2, lambda z: torch.heaviside(z, torch.tensor(0.5).double())),
    "leaky-at-zero": but(3, lambda z: torch.where(z >= 0, 1.0, 0.01)),
    "leaky-middle-at-zero": but(3, lambda z: (1.01 + 0.99 * torch.sign(z)) / 2),
    "leaky-not-differentiated": but(3, lambda z: torch.where(z > 0, 1.0, 0.01 * z)),
    "leak-negative": but(3, lambda z: torch.where(z > 0, 1.0, -0.01)),
    "sigmoid-cut-off": but(0, lambda z: torch.where(z.abs() > 8, 0.0, derivatives(z)[0])),
    "sigmoid-overflows-above": but(0, lambda z: z.exp() / (1 + z.exp()) ** 2),
    "sigmoid-overflows-below": but(0, lambda z: torch.exp(-z) / (1 + torch.exp(-z)) ** 2),
    "tanh-cut-off": but(1, lambda z: torch.where(z.abs() > 5, 0.0, derivatives(z)[1])),
    "tanh-not-differentiated": but(1, torch.tanh),
    "tanh-overflows": but(
        1, lambda z: 1 - ((z.exp() - 1 / z.exp()) / (z.exp() + 1 / z.exp())) ** 2
    ),
    "cosh-not-squared": but(1, lambda z: 1 / torch.cosh(z)),
    "elu-overflows": but(4, lambda z: (z > 0) * 1.0 + (z <= 0) * z.exp()),
    "elu-everywhere": but(4, torch.exp),
    "elu-zero-at-zero": but(4, lambda z: torch.where(z > 0, 1.0, (z < 0) * z.exp().clamp(max=1))),
    "elu-plus-one": but(4, lambda z: torch.where(z > 0, 1.0, z.exp() + 1)),
    "elu-as-leaky": but(4, lambda z: torch.where(z > 0, 1.0, 0.01)),
}

UNLISTED = [
    (lambda z: derivatives(torch.tensor([-10.0, 0.0, 10.0])), "wrong-shape", "shape"),
    (lambda z: [v.reshape(-1) for v in derivatives(z)], "wrong-shape", "not (2, 3)"),
    (but(0, lambda z: 0 * z), "all-zero", "everywhere"),
    (but(1, lambda z: 2 * (1 - torch.tanh(z) ** 2)), "factor", "times a number"),
    (but(4, lambda z: 2 * torch.where(z > 0, 1.0, z.exp())), "factor", "ELU"),
]

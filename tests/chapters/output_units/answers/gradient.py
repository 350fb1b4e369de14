"""output-units-gradient."""

import numpy as np
import torch
from torch.nn import functional as F

SLUG = "output-units-gradient"


def with_torch(z, t, T):
    return (torch.softmax(z / T, 1) - F.one_hot(t, z.shape[1])) / (T * len(z))


def with_numpy(z, t, T):
    e = np.exp((z - np.max(z, axis=1, keepdims=True)) / T)
    p = e / np.sum(e, axis=1, keepdims=True)
    p[np.arange(len(z)), t] -= 1
    return p / T / len(z)


def by_autograd(z, t, T):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(z / T, t), z)[0]


class WithNumpy:
    def __call__(self, z, t, T):
        e = np.exp((z - z.max(axis=1, keepdims=True)) / T)
        return (e / e.sum(axis=1, keepdims=True) - np.eye(z.shape[1])[t]) / (T * len(z))


def in_float32(z, t, T):
    return with_torch(z.float(), t, T)


def by_rows(z, t, T):
    p = torch.softmax(z / T, 1)
    for n, label in enumerate(t):
        p[n, label] -= 1
    return p / (T * len(z))


RIGHT = [with_torch, with_numpy, WithNumpy(), in_float32, by_rows]


def squared(z, t, T):
    p = torch.softmax(z / T, 1)
    error = p - F.one_hot(t, z.shape[1])
    return p * (error - (p * error).sum(1, keepdim=True)) / T / len(z)


def in_every_row(z, t, T):
    p = torch.softmax(z / T, 1)
    p[:, t] -= 1
    return p / T / len(z)


def with_probabilities(p):
    return lambda z, t, T: (p(z, T) - F.one_hot(t, z.shape[1])) / T / len(z)


WRONG = {
    "not-averaged": lambda z, t, T: with_torch(z, t, T) * len(z),
    "averaged-over-everything": lambda z, t, T: with_torch(z, t, T) / z.shape[1],
    "temperature-outside-missing": lambda z, t, T: with_torch(z, t, T) * T,
    "temperature-multiplied": lambda z, t, T: with_torch(z, t, T) * T**2,
    "temperature-inside-missing": lambda z, t, T: with_torch(z, t, 1.0) / T,
    "target-missing": lambda z, t, T: torch.softmax(z / T, 1) / T / len(z),
    "index-subtracted": lambda z, t, T: (torch.softmax(z / T, 1) - t[:, None]) / T / len(z),
    "sign": lambda z, t, T: -with_torch(z, t, T),
    "squared-error": squared,
    "not-averaged+temperature-outside-missing": lambda z, t, T: with_torch(z, t, T) * T * len(z),
    "automatic-differentiation": by_autograd,
    "every-row": in_every_row,
    "true-class-only": lambda z, t, T: with_torch(z, t, T) * F.one_hot(t, z.shape[1]),
    "softmax-over-samples": with_probabilities(lambda z, T: torch.softmax(z / T, 0)),
    "logarithm-kept": with_probabilities(lambda z, T: torch.log_softmax(z / T, 1)),
    "logits-multiplied": with_probabilities(lambda z, T: torch.softmax(z * T, 1)),
    "sigmoids": with_probabilities(lambda z, T: torch.sigmoid(z / T)),
    "overflow": with_probabilities(
        lambda z, T: torch.exp(z / T) / torch.exp(z / T).sum(1, keepdim=True)
    ),
    "temperature-twice": lambda z, t, T: with_torch(z, t, T) / T,
}

UNLISTED = [
    (
        lambda z, t, T: torch.func.grad(lambda z: F.cross_entropy(z / T, t))(z),
        "automatic-differentiation",
        "",
    ),
    (lambda z, t, T: F.one_hot(t, z.shape[1]) / len(z), "different", "adds up to"),
    (lambda z, t, T: 3 * with_torch(z, t, T), "factor", "right one times a number"),
    (lambda z, t, T: with_torch(z, t, T).sum(0), "wrong-shape", "shape"),
]

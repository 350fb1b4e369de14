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


RIGHT = [with_torch, with_numpy, by_autograd]


def squared(z, t, T):
    p = torch.softmax(z / T, 1)
    error = p - F.one_hot(t, z.shape[1])
    return p * (error - (p * error).sum(1, keepdim=True)) / T / len(z)


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
}

UNLISTED = [
    (lambda z, t, T: F.one_hot(t, z.shape[1]) / len(z), "different", "adds up to"),
    (lambda z, t, T: 3 * with_torch(z, t, T), "factor", "right one times a number"),
    (lambda z, t, T: with_torch(z, t, T).sum(0), "wrong-shape", "shape"),
]

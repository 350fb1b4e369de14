"""output-units-cooling."""

import numpy as np
import torch

SLUG = "output-units-cooling"


def with_torch(z, T):
    if T == 0:
        largest = (z == z.max()).double()
        return largest / largest.sum()
    return torch.softmax(z / T, 0)


def with_numpy(z, T):
    gaps = z - np.max(z)
    weights = np.where(gaps == 0, 1.0, 0.0) if T == 0 else np.exp(gaps / T)
    return weights / np.sum(weights)


class Cooled:
    def __call__(self, z, T):
        gaps = z - np.max(z)
        weights = (gaps == 0) * 1.0 if T == 0 else np.exp(gaps / T)
        return weights / weights.sum()


def in_float32(z, T):
    return with_torch(z.float(), T)


RIGHT = [with_torch, with_numpy, Cooled(), in_float32, lambda z, T: with_torch(z, T).tolist()]


def at_zero(value):
    return lambda z, T: value(z) if T == 0 else torch.softmax(z / T, 0)


def above_zero(value):
    return lambda z, T: with_torch(z, T) if T == 0 else value(z, T)


def overflows(z, T):
    e = torch.exp(z / T)
    return e / e.sum()


def near(z):
    return torch.isclose(z, z.max()).double()


WRONG = {
    "multiplied": above_zero(lambda z, T: torch.softmax(z * T, 0)),
    "temperature-ignored": above_zero(lambda z, T: torch.softmax(z, 0)),
    "divided-after": above_zero(lambda z, T: torch.softmax(z, 0) / T),
    "root-of-temperature": above_zero(lambda z, T: torch.softmax(z / T**0.5, 0)),
    "power-not-normalized": above_zero(lambda z, T: torch.softmax(z, 0) ** (1 / T)),
    "overflow": above_zero(overflows),
    "zero-by-formula": lambda z, T: torch.softmax(z / T, 0),
    "first-of-equals": at_zero(lambda z: torch.nn.functional.one_hot(z.argmax(), len(z))),
    "ones-for-all-equals": at_zero(lambda z: (z == z.max()).double()),
    "zero-uniform": at_zero(lambda z: torch.full_like(z, 1 / len(z))),
    "two-equals-at-most": at_zero(lambda z: (z == z.max()) / (1 + ((z == z.max()).sum() > 1))),
    "nearly-equal-taken-for-equal": at_zero(lambda z: near(z) / near(z).sum()),
    "zero-replaced-by-1e-08": lambda z, T: with_torch(z, max(T, 1e-8)),
    "zero-replaced-by-1e-09": lambda z, T: with_torch(z, max(T, 1e-9)),
    "added-to-temperature-0.0001": lambda z, T: torch.softmax((z - z.max()) / (T + 1e-4), 0),
    "exponents-clipped": above_zero(lambda z, T: torch.softmax((z / T).clamp(-50, 50), 0)),
    "logarithms": above_zero(lambda z, T: torch.log_softmax(z / T, 0)),
}

UNLISTED = [
    (lambda z, T: with_torch(z, 0.0 if T < 1e-2 else T), "only-sometimes", "T = 0.005"),
    (lambda z, T: torch.log_softmax(z / max(T, 1e-9), 0), "different", "differs"),
    (lambda z, T: 2 * with_torch(z, T), "factor", "right one times a number"),
    (at_zero(torch.zeros_like), "only-sometimes", "T = 0"),
]

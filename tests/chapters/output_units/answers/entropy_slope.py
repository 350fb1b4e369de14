"""output-units-entropy-slope."""

import numpy as np
import scipy.special
import torch

SLUG = "output-units-entropy-slope"


def by_variance(z, T):
    p = torch.softmax(z / T, 0)
    return (p * (z - p @ z) ** 2).sum() / T**3


def with_numpy(z, T):
    weights = np.exp((z - z.max()) / T)
    p = weights / np.sum(weights)
    return (p @ (z - p @ z) ** 2) / T**3


def by_differences(z, T):
    def entropy(t):
        log_p = torch.log_softmax(z / t, 0)
        return -(log_p.exp() * log_p).sum()

    return (entropy(T + 1e-4) - entropy(T - 1e-4)) / 2e-4


class Slope:
    def __call__(self, z, T):
        p = scipy.special.softmax(z / T)
        return (p * (z - (p * z).sum()) ** 2).sum() / T**3


def in_float32(z, T):
    """A shift changes no slope; float32 keeps the digits that are left."""
    return by_variance((z - z.max()).float(), T)


def difference_of_squares(z, T):
    p = torch.softmax(z / T, 0)
    return (p @ z**2 - (p @ z) ** 2) / T**3


def with_autograd(z, T):
    leaf = torch.tensor(T, dtype=z.dtype, requires_grad=True)
    log_p = torch.log_softmax(z / leaf, 0)
    (-(log_p.exp() * log_p).sum()).backward()
    return leaf.grad


RIGHT = [
    by_variance,
    with_numpy,
    by_differences,
    Slope(),
    in_float32,
    lambda z, T: float(by_variance(z, T)),
]


def moment(z, T):
    return (torch.softmax(z / T, 0) * z**2).sum() / T**3


def about(z, T, centre, size):
    p = torch.softmax(z / T, 0)
    return (p * size(z - centre(p))).sum() / T**3


def naive(z, T):
    p = torch.exp(z / T) / torch.exp(z / T).sum()
    return (p * (z - p @ z) ** 2).sum() / T**3


WRONG = {
    "sign": lambda z, T: -by_variance(z, T),
    "square-of-temperature": lambda z, T: by_variance(z, T) * T,
    "temperature-once": lambda z, T: by_variance(z, T) * T**2,
    "temperature-missing": lambda z, T: by_variance(z, T) * T**3,
    "variance-not-weighted": lambda z, T: z.var(correction=0) / T**3,
    "probabilities-at-one": lambda z, T: by_variance(z, 1.0) / T**3,
    "second-moment": moment,
    "standard-deviation": lambda z, T: (by_variance(z, T) * T**3).sqrt() / T**3,
    "power-too-high": lambda z, T: by_variance(z, T) / T**2,
    "power-four": lambda z, T: by_variance(z, T) / T,
    "bits": lambda z, T: by_variance(z, T) / np.log(2),
    "halved": lambda z, T: by_variance(z, T) / 2,
    "doubled": lambda z, T: by_variance(z, T) * 2,
    "absolute-deviation": lambda z, T: about(z, T, lambda p: p @ z, abs),
    "mean-not-weighted": lambda z, T: about(z, T, lambda p: z.mean(), torch.square),
    "temperature-multiplied": lambda z, T: by_variance(z, 1 / T) / T**6,
    "overflow": naive,
    "digits-lost": difference_of_squares,
    "automatic-differentiation": with_autograd,
}

UNLISTED = [
    (lambda z, T: by_variance(z.float(), T), "digits-lost", "10⁷"),
    (lambda z, T: T, "different", "`T` itself"),
    (lambda z, T: by_variance(z, T) + 1, "different", "yours is"),
    (lambda z, T: z / T, "wrong-shape", "shape"),
]

"""output-units-entropy-slope."""

import numpy as np
import torch

SLUG = "output-units-entropy-slope"


def by_variance(z, T):
    p = torch.softmax(z / T, 0)
    return (p * (z - p @ z) ** 2).sum() / T**3


def with_numpy(z, T):
    weights = np.exp((z - z.max()) / T)
    p = weights / np.sum(weights)
    return (p @ z**2 - (p @ z) ** 2) / T**3


def by_differences(z, T):
    def entropy(t):
        log_p = torch.log_softmax(z / t, 0)
        return -(log_p.exp() * log_p).sum()

    return (entropy(T + 1e-4) - entropy(T - 1e-4)) / 2e-4


RIGHT = [by_variance, with_numpy, by_differences]


def moment(z, T):
    return (torch.softmax(z / T, 0) * z**2).sum() / T**3


WRONG = {
    "sign": lambda z, T: -by_variance(z, T),
    "square-of-temperature": lambda z, T: by_variance(z, T) * T,
    "temperature-once": lambda z, T: by_variance(z, T) * T**2,
    "temperature-missing": lambda z, T: by_variance(z, T) * T**3,
    "variance-not-weighted": lambda z, T: z.var(correction=0) / T**3,
    "probabilities-at-one": lambda z, T: by_variance(z, 1.0) / T**3,
    "second-moment": moment,
    "standard-deviation": lambda z, T: (by_variance(z, T) * T**3).sqrt() / T**3,
}

UNLISTED = [
    (lambda z, T: T, "different", "the slope is"),
    (lambda z, T: by_variance(z, T) + 1, "different", "yours is"),
    (lambda z, T: z / T, "wrong-shape", "shape"),
]

"""noise-and-generalization-draws."""

import math

import numpy as np
import torch
from scipy.stats import norm

from tests.exercises.styles import as_object

SLUG = "noise-and-generalization-draws"


def count(p, share):
    """The first k with p(k) at most the share."""
    k = 1
    while p(k) > share:
        k += 1
    return k


def by_counting(g, tau, share):
    return count(lambda k: torch.special.ndtr(-g.abs() * k**0.5 / tau).mean(), share)


def with_numpy(g, tau, share):
    k = np.arange(1, 20_000)
    p = norm.cdf(-np.abs(g)[:, None] * np.sqrt(k) / tau).mean(0)
    return int(k[np.argmax(p <= share)])


def with_erfc(g, tau, share):
    def p(k):
        z = [abs(float(v)) * math.sqrt(k / 2) / tau for v in g]
        return sum(math.erfc(v) / 2 for v in z) / len(z)

    return count(p, share)


def as_tensor(g, tau, share):
    return torch.tensor(float(by_counting(g, tau, share)))


RIGHT = [by_counting, with_numpy, with_erfc, as_tensor, as_object(by_counting)]


def phi(x):
    return torch.special.ndtr(x)


WRONG = {
    "no-root": lambda g, tau, s: count(lambda k: phi(-g.abs() * k / tau).mean(), s),
    "worst-entry": lambda g, tau, s: count(lambda k: phi(-g.abs() * k**0.5 / tau).max(), s),
    "mean-slope": lambda g, tau, s: count(lambda k: phi(-g.abs().mean() * k**0.5 / tau), s),
    "two-sides": lambda g, tau, s: by_counting(g, tau, s / 2),
    "one-too-few": lambda g, tau, s: by_counting(g, tau, s) - 1,
    "variance": lambda g, tau, s: by_counting(g, tau**0.5, s),
}

UNLISTED = [
    (lambda g, tau, s: 64, "different", "differs"),
    (lambda g, tau, s: by_counting(g, tau, s) + 0.3, "not-whole", "whole"),
    (lambda g, tau, s: 2 * by_counting(g, tau, s), "different", "fixed 2"),
]

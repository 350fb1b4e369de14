"""cost-functions-contaminated."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "cost-functions-contaminated"
C = given(SLUG)["scale"]


def share(median=lambda p: (1 - p + p / C) ** -2, target=lambda p: 1 - p + p * C**2):
    """Where π/2 times the first equals the second."""
    p = np.linspace(0, 0.3, 1_000_001)
    return p[np.abs(math.pi / 2 * median(p) - target(p)).argmin()]


def measured(p=0.05, repetitions=10_000):
    """Variance of the median over that of the mean, from draws."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=(repetitions, 101)) * np.where(rng.random((repetitions, 101)) < p, C, 1)
    return np.median(y, 1).var() / y.mean(1).var()


P, R = share(), measured()

RIGHT = [(P, R), [round(float(P), 5), 1.02 * R], torch.tensor([P, R]), {"share": P, "ratio": R}]

WRONG = {
    "percent": (100 * P, R),
    "median-unchanged": (share(median=lambda p: 1), R),
    "scale-not-squared": (share(target=lambda p: 1 - p + p * C), R),
    "variances-of-scales": (share(target=lambda p: (1 - p + p * C) ** 2), R),
    "share-nearly": (1.06 * P, R),
    "share-wrong": (0.1, R),
    "ratio-inverted": (P, 1 / R),
    "ratio-of-deviations": (P, R**0.5),
    "no-outliers": (P, measured(p=0.0, repetitions=4_000)),
    "at-the-share": (P, 0.99),
    "ratio-wrong": (P, 0.1 * R),
}

UNLISTED = [
    (P, "not-two-numbers", "two numbers"),
    ((R, P), "order", "(share, ratio)"),
    ("five percent", "not-two-numbers", "two numbers"),
    ((0.0, R), "share-wrong", "halve an interval"),
]

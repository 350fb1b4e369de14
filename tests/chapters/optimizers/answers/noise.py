"""optimizers-noise."""

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-noise"


def variance(lr, alpha, lam, sigma):
    h = lr * lam
    b = alpha * (1 - h)
    return lr * (1 + b) * sigma**2 / (lam * (1 - b) * (2 * (1 + alpha) - (1 + 2 * alpha) * h))


def by_neighbours(lr, alpha, lam, sigma):
    a, b = (1 + alpha) * (1 - lr * lam), alpha * (1 - lr * lam)
    return np.square(lr * sigma) * (1 + b) / ((1 - b) * ((1 + b) ** 2 - a**2))


def heavy(lr, a, lam, s):
    return lr * (1 + a) * s**2 / (lam * (1 - a) * (2 * (1 + a) - lr * lam))


RIGHT = [
    variance,
    by_neighbours,
    in_float32(variance),
    as_object(variance),
    in_numpy(variance),
    in_torch(variance),
]

WRONG = {
    "heavy-ball": heavy,
    "small-rates-only": lambda lr, a, lam, s: lr * s**2 / (2 * lam * (1 - a)),
    "momentum-ignored": lambda lr, a, lam, s: variance(lr, 0, lam, s),
    "effective-rate": lambda lr, a, lam, s: variance(lr / (1 - a), 0, lam, s),
    "sigma-not-squared": lambda lr, a, lam, s: variance(lr, a, lam, s) / s,
    "curvature-lost": lambda lr, a, lam, s: variance(lr, a, lam, s) * lam,
    "standard-deviation": lambda lr, a, lam, s: variance(lr, a, lam, s) ** 0.5,
    "covariance-lost": lambda lr, a, lam, s: variance(lr, a, lam, s) / (1 + a * (1 - lr * lam)),
    "two-lost": lambda lr, a, lam, s: (
        variance(lr, a, lam, s)
        * (2 * (1 + a) - (1 + 2 * a) * lr * lam)
        / (1 + a - (1 + 2 * a) * lr * lam)
    ),
}

UNLISTED = [
    (lambda lr, a, lam, s: 0.0, "all-zero", "everywhere"),
    (lambda lr, a, lam, s: -variance(lr, a, lam, s), "sign", "wrong sign"),
    (lambda lr, a, lam, s: s**2 / lam, "different", "differs"),
]

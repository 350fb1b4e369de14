"""optimizers-noise."""

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-noise"


def variance(lr, alpha, lam, sigma):
    return lr * (1 + alpha) * sigma**2 / (lam * (1 - alpha) * (2 * (1 + alpha) - lr * lam))


def by_neighbours(lr, alpha, lam, sigma):
    a = 1 + alpha - lr * lam
    one = a / (1 + alpha)
    return np.square(lr * sigma) / (1 - a * a - alpha * alpha + 2 * a * alpha * one)


RIGHT = [
    variance,
    by_neighbours,
    in_float32(variance),
    as_object(variance),
    in_numpy(variance),
    in_torch(variance),
]

WRONG = {
    "small-rates-only": lambda lr, a, lam, s: lr * s**2 / (2 * lam * (1 - a)),
    "momentum-ignored": lambda lr, a, lam, s: variance(lr, 0, lam, s),
    "momentum-averages": lambda lr, a, lam, s: variance(lr, a, lam, s) * (1 - a) ** 2,
    "sigma-not-squared": lambda lr, a, lam, s: variance(lr, a, lam, s) / s,
    "curvature-lost": lambda lr, a, lam, s: variance(lr, a, lam, s) * lam,
    "standard-deviation": lambda lr, a, lam, s: variance(lr, a, lam, s) ** 0.5,
    "small-rates-only+sigma-not-squared": lambda lr, a, lam, s: lr * s / (2 * lam * (1 - a)),
    "effective-rate": lambda lr, a, lam, s: variance(lr / (1 - a), 0, lam, s),
    "quotient-only": lambda lr, a, lam, s: variance(lr, 0, lam, s) / (1 - a),
    "damped": lambda lr, a, lam, s: variance(lr, a, lam, s) * (1 - a),
    "steps-independent": lambda lr, a, lam, s: variance(lr, 0, lam, s) / (1 - a**2),
    "one-plus-alpha-lost": lambda lr, a, lam, s: variance(lr, a, lam, s) / (1 + a),
    "two-lost": lambda lr, a, lam, s: lr * (1 + a) * s**2 / (lam * (1 - a) * (1 + a - lr * lam)),
}

UNLISTED = [
    (lambda lr, a, lam, s: 0.0, "all-zero", "everywhere"),
    (lambda lr, a, lam, s: -variance(lr, a, lam, s), "sign", "wrong sign"),
    (lambda lr, a, lam, s: 2 * variance(lr, a, lam, s), "different", "differs"),
    (lambda lr, a, lam, s: s**2 / lam, "different", "differs"),
]

"""optimizers-noise."""

import numpy as np

SLUG = "optimizers-noise"


def variance(lr, alpha, lam, sigma):
    return lr * (1 + alpha) * sigma**2 / (lam * (1 - alpha) * (2 * (1 + alpha) - lr * lam))


def by_neighbours(lr, alpha, lam, sigma):
    a = 1 + alpha - lr * lam
    one = a / (1 + alpha)
    return np.square(lr * sigma) / (1 - a * a - alpha * alpha + 2 * a * alpha * one)


RIGHT = [variance, by_neighbours]

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
}

UNLISTED = [
    (lambda lr, a, lam, s: 0.0, "all-zero", "everywhere"),
    (lambda lr, a, lam, s: -variance(lr, a, lam, s), "sign", "wrong sign"),
    (lambda lr, a, lam, s: 2 * variance(lr, a, lam, s), "different", "differs"),
    (lambda lr, a, lam, s: s**2 / lam, "different", "differs"),
]

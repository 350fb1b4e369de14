"""covariate-shift-best-line."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32, in_numpy

SLUG = "covariate-shift-best-line"


def by_moments(coefficients, mean, sd, variance=None, anchor="mean of f", move=True):
    """From the moments of the normal distribution."""
    a0, a1, a2, a3 = coefficients
    variance = sd**2 if variance is None else variance
    slope = a1 + 2 * a2 * mean + 3 * a3 * (mean**2 + variance)
    middle = a0 + a1 * mean + a2 * (mean**2 + variance) + a3 * (mean**3 + 3 * mean * variance)
    if anchor == "f of mean":
        middle = a0 + a1 * mean + a2 * mean**2 + a3 * mean**3
    return middle - slope * mean * move, slope


def by_regression(coefficients, mean, sd):
    """Least squares on equally likely points of the domain, weighted by quadrature."""
    z, weight = np.polynomial.hermite_e.hermegauss(9)
    x = mean + sd * z
    y = np.polyval(np.asarray(coefficients)[::-1], x)
    return tuple(np.polyfit(x, y, 1, w=np.sqrt(weight))[::-1])


def stacked(coefficients, mean, sd):
    return torch.stack([torch.as_tensor(v) for v in by_moments(coefficients, mean, sd)])


RIGHT = [
    by_moments,
    by_regression,
    stacked,
    in_float32(by_moments),
    in_numpy(by_moments),
    as_object(by_moments),
]

WRONG = {
    "tangent": lambda coefficients, mean, sd: by_moments(coefficients, mean, sd, variance=0.0),
    "deviation-for-variance": lambda coefficients, mean, sd: by_moments(
        coefficients, mean, sd, variance=sd
    ),
    "through-the-curve": lambda coefficients, mean, sd: by_moments(
        coefficients, mean, sd, anchor="f of mean"
    ),
    "height-at-the-mean": lambda coefficients, mean, sd: by_moments(
        coefficients, mean, sd, move=False
    ),
    "constant-kept": lambda coefficients, mean, sd: (
        coefficients[0],
        by_moments(coefficients, mean, sd)[1],
    ),
}

UNLISTED = [
    (lambda coefficients, mean, sd: by_moments(coefficients, mean, sd)[1],
     "wrong-number-of-values", "2 values"),
    (lambda coefficients, mean, sd: by_moments(coefficients, mean, sd)[::-1],
     "order", "order"),
    (lambda coefficients, mean, sd: (by_moments(coefficients, mean, sd)[0], 0.0 * mean),
     "all-zero", "intercept is right"),
]  # fmt: skip

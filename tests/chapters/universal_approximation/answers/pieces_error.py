"""universal-approximation-pieces-error."""

import numpy as np
import torch

SLUG = "universal-approximation-pieces-error"


def solved(c, length, k):
    return c * length**2 * (2 * k - 1) / (2 * k**2), c * length**2 / (2 * k)


def measured(c, length, k):
    x = np.linspace(0, length, 1000 * k + 1)
    rise = np.array([np.ptp(c * x[1000 * i : 1000 * (i + 1) + 1] ** 2) for i in range(k)])
    return rise.max() / 2, rise.sum() / (2 * k)


class Errors:
    def __call__(self, curvature, length, k):
        return np.array(solved(curvature, length, k))


def in_float32(c, length, k):
    return torch.tensor(solved(c, length, k), dtype=torch.float32)


def named(c, length, k):
    return dict(zip(("smallest", "equal"), solved(c, length, k)[::-1], strict=True))


RIGHT = [solved, measured, Errors(), in_float32, named]

WRONG = {
    "curvature-forgotten": lambda c, s, k: solved(1, s, k),
    "length-not-squared": lambda c, s, k: solved(c / s, s, k),
    "value-of-the-middle": lambda c, s, k: (c * s**2 * (k - 0.25) / k**2, solved(c, s, k)[1]),
    "first-tread": lambda c, s, k: (c * s**2 / (2 * k**2), solved(c, s, k)[1]),
    "bound-of-the-chapter": lambda c, s, k: (2 * c * s**2 / (2 * k), solved(c, s, k)[1]),
    "mean-rise": lambda c, s, k: (solved(c, s, k)[1],) * 2,
    "nothing-gained": lambda c, s, k: (solved(c, s, k)[0],) * 2,
    "smallest-squared": lambda c, s, k: (solved(c, s, k)[0], c * s**2 / (2 * k**2)),
    "affine-pieces": lambda c, s, k: (solved(c, s, k)[0], c * s**2 / (8 * k**2)),
    "not-halved": lambda c, s, k: solved(2 * c, s, k),
    "treads-plus-one": lambda c, s, k: solved(c, s, k + 1),
    "treads-minus-one": lambda c, s, k: solved(c, s, max(k - 1, 1)),
    "swapped": lambda c, s, k: solved(c, s, k)[::-1],
}

UNLISTED = [
    (lambda c, s, k: (solved(c, s, k)[0], 0.0), "all-zero", "The smallest error is zero"),
    (lambda c, s, k: solved(c, s, k)[0], "wrong-number-of-values", "2 values"),
    (lambda c, s, k: (1.0, 1.0), "different", "The error of equal treads"),
]

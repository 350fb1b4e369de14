"""universal-approximation-pieces-error."""

import numpy as np

SLUG = "universal-approximation-pieces-error"


def solved(c, length, k):
    return c * length**2 / (4 * k**2), c * length**2 / (8 * k**2)


def measured(c, length, k):
    x = np.linspace(0, length, 2 * k * 500 + 1)
    middles = (np.arange(k) + 0.5) * length / k
    gap = c * (x[:, None] - middles).__abs__().min(1) ** 2
    return gap.max(), (gap.max() - gap.min()) / 2


RIGHT = [solved, measured]

WRONG = {
    "curvature-forgotten": lambda c, s, k: solved(1, s, k),
    "not-squared": lambda c, s, k: (c * s / k / 4, c * s / k / 8),
    "length-not-squared": lambda c, s, k: (c * s / k**2 / 4, c * s / k**2 / 8),
    "pieces-not-squared": lambda c, s, k: (c * s**2 / k / 4, c * s**2 / k / 8),
    "interval-of-the-chapter": lambda c, s, k: (c / k**2, c / (2 * k**2)),
    "not-lifted": lambda c, s, k: (solved(c, s, k)[0],) * 2,
    "end-to-end": lambda c, s, k: (c * (s / k) ** 2, c * (s / k) ** 2 / 2),
    "swapped": lambda c, s, k: solved(c, s, k)[::-1],
}

UNLISTED = [
    (lambda c, s, k: (solved(c, s, k)[0], 0.0), "all-zero", "The smallest error is zero"),
    (lambda c, s, k: solved(c, s, k)[0], "wrong-number-of-values", "2 values"),
    (lambda c, s, k: (1.0, 1.0), "different", "The error of the tangents"),
]

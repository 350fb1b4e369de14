"""universal-approximation-pieces-error."""

import numpy as np
import torch

SLUG = "universal-approximation-pieces-error"


def solved(c, length, k):
    return c * length**2 / (4 * k**2), c * length**2 / (8 * k**2)


def measured(c, length, k):
    x = np.linspace(0, length, 2 * k * 500 + 1)
    middles = (np.arange(k) + 0.5) * length / k
    gap = c * (x[:, None] - middles).__abs__().min(1) ** 2
    return gap.max(), (gap.max() - gap.min()) / 2


class Errors:
    def __call__(self, curvature, length, k):
        return np.array(solved(curvature, length, k))


def in_float32(c, length, k):
    return torch.tensor(solved(c, length, k), dtype=torch.float32)


def named(c, length, k):
    return dict(zip(("smallest", "tangents"), solved(c, length, k)[::-1], strict=True))


RIGHT = [solved, measured, Errors(), in_float32, named]

WRONG = {
    "curvature-forgotten": lambda c, s, k: solved(1, s, k),
    "not-squared": lambda c, s, k: (c * s / k / 4, c * s / k / 8),
    "length-not-squared": lambda c, s, k: (c * s / k**2 / 4, c * s / k**2 / 8),
    "pieces-not-squared": lambda c, s, k: (c * s**2 / k / 4, c * s**2 / k / 8),
    "interval-of-the-chapter": lambda c, s, k: (c / k**2, c / (2 * k**2)),
    "not-lifted": lambda c, s, k: (solved(c, s, k)[0],) * 2,
    "end-to-end": lambda c, s, k: (c * (s / k) ** 2, c * (s / k) ** 2 / 2),
    "swapped": lambda c, s, k: solved(c, s, k)[::-1],
    "pieces-plus-one": lambda c, s, k: solved(c, s, k + 1),
    "pieces-minus-one": lambda c, s, k: solved(c, s, max(k - 1, 1)),
    "length-cut-off": lambda c, s, k: solved(c, s // k, 1),
    "curvature-squared": lambda c, s, k: solved(c * c, s, k),
    "tangents-halved": lambda c, s, k: solved(c / 2, s, k),
    "second-derivative": lambda c, s, k: solved(2 * c, s, k),
    "lifted-too-far": lambda c, s, k: (solved(c, s, k)[0], solved(c, s, k)[0] / 4),
}

UNLISTED = [
    (
        lambda c, s, k: (solved(c, s, k)[0] / 4, solved(c, s, k)[1]),
        "different",
        "The smallest error is right",
    ),
    (
        lambda c, s, k: (solved(c, s, k)[0], solved(c, s, k)[1] / 4),
        "different",
        "The error of the tangents is right",
    ),
    (lambda c, s, k: (solved(c, s, k)[1],) * 2, "tangents-halved", "The smallest error is right"),
    (lambda c, s, k: (solved(c, s, k)[0], 0.0), "all-zero", "The smallest error is zero"),
    (lambda c, s, k: solved(c, s, k)[0], "wrong-number-of-values", "2 values"),
    (lambda c, s, k: (1.0, 1.0), "different", "The error of the tangents"),
]

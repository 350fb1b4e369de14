"""preprocessing-merge."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-merge"


def merge(n1, mean1, std1, n2, mean2, std2):
    a, b = n1 / (n1 + n2), n2 / (n1 + n2)
    variance = a * std1**2 + b * std2**2 + a * b * (mean1 - mean2) ** 2
    return a * mean1 + b * mean2, variance**0.5


def by_deviations(n1, mean1, std1, n2, mean2, std2):
    n = n1 + n2
    mean = (n1 * mean1 + n2 * mean2) / n
    parts = ((n1, mean1, std1), (n2, mean2, std2))
    return mean, np.sqrt(sum(k * (s**2 + (m - mean) ** 2) for k, m, s in parts) / n)


def by_mean_squares(n1, mean1, std1, n2, mean2, std2):
    n = n1 + n2
    mean = (n1 * mean1 + n2 * mean2) / n
    return mean, ((n1 * (std1**2 + mean1**2) + n2 * (std2**2 + mean2**2)) / n - mean**2) ** 0.5


def _wrong(between=None, equal=False, divisor=0, mean_of_means=False, root=True):
    def answer(n1, mean1, std1, n2, mean2, std2):
        n = n1 + n2
        a, b = (0.5, 0.5) if equal else (n1 / n, n2 / n)
        gap = (mean1 - mean2) ** 2
        variance = a * std1**2 + b * std2**2 + (between(a, b) if between else a * b) * gap
        mean = (mean1 + mean2) / 2 if mean_of_means else a * mean1 + b * mean2
        variance = variance * n / (n - divisor)
        return mean, variance**0.5 if root else variance

    return answer


RIGHT = [merge, by_deviations, by_mean_squares, in_float32(merge), as_object(merge)]

WRONG = {
    "equal-weights": _wrong(equal=True),
    "plain-mean-of-means": _wrong(mean_of_means=True),
    "between-lost": _wrong(between=lambda a, b: 0.0),
    "between-too-large": _wrong(between=lambda a, b: 1.0),
    "one-part-moved": _wrong(between=lambda a, b: a),
    "deviations-averaged": lambda n1, mean1, std1, n2, mean2, std2: (
        (n1 * mean1 + n2 * mean2) / (n1 + n2),
        (n1 * std1 + n2 * std2) / (n1 + n2),
    ),
    "variance": _wrong(root=False),
    "n-minus-one": _wrong(divisor=1),
}

UNLISTED = [
    (lambda n1, m1, s1, n2, m2, s2: merge(n1, m1, s1, n2, m2, s2)[::-1], "order", "order"),
    (lambda n1, m1, s1, n2, m2, s2: (m1 + m2, torch.ones(3)), "different", "differs"),
    (
        lambda n1, m1, s1, n2, m2, s2: merge(n1, m1, s1, n2, m2, s2)[0],
        "wrong-number-of-values",
        "2 values",
    ),
]

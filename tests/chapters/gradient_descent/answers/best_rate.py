"""gradient-descent-best-rate."""

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "gradient-descent-best-rate"


def short(eigenvalues):
    low, high = eigenvalues.min(), eigenvalues.max()
    return 2 / high, 2 / (low + high), (high - low) / (high + low)


def with_numpy(eigenvalues):
    low, high = np.min(eigenvalues), np.max(eigenvalues)
    best = 2 / (low + high)
    return 2 / high, best, 1 - best * low


RIGHT = [short, with_numpy, in_float32(short), as_object(short)]


def but(i, change):
    def answer(eigenvalues):
        values = list(short(eigenvalues))
        values[i] = change(eigenvalues.min(), eigenvalues.max(), eigenvalues)
        return tuple(values)

    return answer


WRONG = {
    "bound-one": but(0, lambda a, b, e: 1 / b),
    "bound-of-the-smallest": but(0, lambda a, b, e: 2 / a),
    "bound-of-the-sum": but(0, lambda a, b, e: 2 / e.sum()),
    "bound-of-the-mean": but(0, lambda a, b, e: 2 / e.mean()),
    "best-for-the-steepest": but(1, lambda a, b, e: 1 / b),
    "best-half": but(1, lambda a, b, e: 1 / (a + b)),
    "best-geometric": but(1, lambda a, b, e: 1 / (a * b).sqrt()),
    "best-of-the-mean": but(1, lambda a, b, e: 1 / e.mean()),
    "factor-of-one-over-k": but(2, lambda a, b, e: 1 - a / b),
    "factor-at-the-bound": but(2, lambda a, b, e: (1 - 2 * a / b).abs()),
    "factor-squared": but(2, lambda a, b, e: ((b - a) / (b + a)) ** 2),
    "factor-with-roots": but(2, lambda a, b, e: (b.sqrt() - a.sqrt()) / (b.sqrt() + a.sqrt())),
    "factor-inverted": but(2, lambda a, b, e: (b + a) / (b - a)),
    "factor-is-the-progress": but(2, lambda a, b, e: 2 * a / (a + b)),
    "best-of-the-middle": but(1, lambda a, b, e: 1 / e.median()),
    "not-sorted": lambda e: (2 / e[-1], 2 / (e[0] + e[-1]), (e[-1] - e[0]) / (e[-1] + e[0])),
}

UNLISTED = [
    (but(2, lambda a, b, e: -(b - a) / (b + a)), "sign", "The bound and the best rate are right"),
    (but(1, lambda a, b, e: 2 / b), "different", "The bound and the factor are right"),
    (lambda eigenvalues: short(eigenvalues)[:2], "wrong-number-of-values", "3 values"),
]

"""parameter-norms-best-strength."""

import numpy as np

from tests.exercises.styles import as_object

SLUG = "parameter-norms-best-strength"


def best(w, h, n, sigma):
    v = sigma**2 / (n * h)
    return sigma**2 / (2 * n * w**2), w**2 * v / (w**2 + v)


def with_numpy(w, h, n, sigma):
    lam = np.float64(sigma) ** 2 / (2 * n * np.square(w))
    share = h / (h + 2 * lam)
    return lam, (1 - share) ** 2 * w**2 + share**2 * sigma**2 / (n * h)


def by_search(w, h, n, sigma):
    """Newton's method for the share, whose error is a parabola."""
    v = sigma**2 / (n * h)
    share = 1 - (2 * v) / (2 * w**2 + 2 * v)
    return h * (1 / share - 1) / 2, (1 - share) ** 2 * w**2 + share**2 * v


RIGHT = [best, with_numpy, by_search, as_object(best)]


def error(lam, w, h, n, sigma):
    share = h / (h + 2 * lam)
    return (1 - share) ** 2 * w**2 + share**2 * sigma**2 / (n * h)


WRONG = {
    "twice": lambda w, h, n, s: (s**2 / (n * w**2), error(s**2 / (n * w**2), w, h, n, s)),
    "no-samples": lambda w, h, n, s: (s**2 / (2 * w**2), error(s**2 / (2 * w**2), w, h, n, s)),
    "deviation": lambda w, h, n, s: (
        s / (2 * n * abs(w)),
        error(s / (2 * n * abs(w)), w, h, n, s),
    ),
    "bias-only": lambda w, h, n, s: (
        best(w, h, n, s)[0],
        (1 - h / (h + 2 * best(w, h, n, s)[0])) ** 2 * w**2,
    ),
    "unpenalized": lambda w, h, n, s: (best(w, h, n, s)[0], s**2 / (n * h)),
    "noise-added": lambda w, h, n, s: (best(w, h, n, s)[0], best(w, h, n, s)[1] + s**2),
}

UNLISTED = [
    (lambda w, h, n, s: best(w, h, n, s)[::-1], "order", "another order"),
    (lambda w, h, n, s: best(w, h, n, s)[0], "wrong-number-of-values", "Wanted are 2 values"),
    (
        lambda w, h, n, s: (3 * best(w, h, n, s)[0], best(w, h, n, s)[1]),
        "different",
        "times a fixed 3",
    ),
]

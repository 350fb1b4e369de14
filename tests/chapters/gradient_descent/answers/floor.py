"""gradient-descent-floor."""

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "gradient-descent-floor"


def rest(c, lr, noise, b):
    return lr * noise / (b * c * (2 - lr * c))


def rate_for(c, v, noise, b):
    return 2 * c * v / (noise / b + c * c * v)


def short(curvature, lr, noise, batch_size):
    v = rest(curvature, lr, noise, batch_size)
    return v, rate_for(curvature, v / 2, noise, batch_size)


def direct(curvature, lr, noise, batch_size):
    return rest(curvature, lr, noise, batch_size), 2 * lr / (4 - lr * curvature)


RIGHT = [short, direct, in_float32(short), as_object(short), in_numpy(short), in_torch(short)]


def pair(v, c, n):
    """A wrong variance, and the rate that follows from it with λ = c and noise n."""
    return v, rate_for(c, v / 2, n, 1)


WRONG = {
    "curvature-forgotten": lambda c, lr, n, b: pair(rest(1, lr, n, b), 1, n / b),
    "curvature-inside-only": lambda c, lr, n, b: (
        lr * n / b / (2 - lr * c),
        2 * (lr * n / b / (2 - lr * c) / 2) / (n / b + c * lr * n / b / (2 - lr * c) / 2),
    ),
    "curvature-outside-only": lambda c, lr, n, b: (
        lr * n / b / (c * (2 - lr)),
        2 * lr / (4 - lr),
    ),
    "batch-forgotten": lambda c, lr, n, b: short(c, lr, n, 1),
    "root-of-the-batch": lambda c, lr, n, b: short(c, lr, n, b**0.5),
    "batch-squared": lambda c, lr, n, b: short(c, lr, n, b**2),
    "small-rates-only": lambda c, lr, n, b: (lr * n / (2 * c * b), lr / 2),
    "half-the-rate": lambda c, lr, n, b: (rest(c, lr, n, b), lr / 2),
    "standard-deviation": lambda c, lr, n, b: (rest(c, lr, n, b) ** 0.5, direct(c, lr, n, b)[1]),
    "noise-squared": lambda c, lr, n, b: short(c, lr, n**2, b),
    "noise-rooted": lambda c, lr, n, b: short(c, lr, n**0.5, b),
    "curvature-squared": lambda c, lr, n, b: (rest(c, lr, n, b) / c, direct(c, lr, n, b)[1]),
    "one-step": lambda c, lr, n, b: (lr**2 * n / b, direct(c, lr, n, b)[1]),
    "rate-over-root-two": lambda c, lr, n, b: (rest(c, lr, n, b), lr / 2**0.5),
}

UNLISTED = [
    (lambda c, lr, n, b: (rest(c, lr, n, b), lr / 4), "different", "The variance at rest is right"),
    (lambda c, lr, n, b: short(c, lr, n, b)[::-1], "order", "another order"),
    (
        lambda c, lr, n, b: (rest(c, lr, n, b) * 3, direct(c, lr, n, b)[1]),
        "different",
        "The rate for half of it is right",
    ),
]

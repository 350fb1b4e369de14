"""optimizers-heavy-ball."""

import math

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-heavy-ball"


def heavy_ball(mu, k):
    root = math.sqrt(k / mu)
    rate = (root - 1) / (root + 1)
    return 4 / (math.sqrt(mu) + math.sqrt(k)) ** 2, rate**2, rate


def by_the_window(mu, k):
    lr = (2 / (mu**0.5 + k**0.5)) ** 2
    rate = 1 - (lr * mu) ** 0.5
    return lr, rate * rate, rate


RIGHT = [
    lambda mu, k: dict(zip(("lr", "m", "r"), heavy_ball(mu, k), strict=True)),
    heavy_ball,
    by_the_window,
    in_float32(heavy_ball),
    as_object(heavy_ball),
    in_numpy(heavy_ball),
    in_torch(heavy_ball),
]

WRONG = {
    "condition-not-rooted": lambda mu, k: (
        heavy_ball(mu, k)[0],
        ((k - mu) / (k + mu)) ** 2,
        (k - mu) / (k + mu),
    ),
    "momentum-not-squared": lambda mu, k: (
        heavy_ball(mu, k)[0],
        heavy_ball(mu, k)[2],
        heavy_ball(mu, k)[2],
    ),
    "rate-of-descent": lambda mu, k: (2 / (k + mu), *heavy_ball(mu, k)[1:]),
    "rate-not-squared": lambda mu, k: (4 / (k**0.5 + mu**0.5), *heavy_ball(mu, k)[1:]),
    "rate-inverse": lambda mu, k: (1 / k, *heavy_ball(mu, k)[1:]),
    "contraction-is-momentum": lambda mu, k: (*heavy_ball(mu, k)[:2], heavy_ball(mu, k)[1]),
    "contraction-of-descent": lambda mu, k: (*heavy_ball(mu, k)[:2], (k - mu) / (k + mu)),
    "rate-of-descent+contraction-of-descent": lambda mu, k: (
        2 / (k + mu),
        heavy_ball(mu, k)[1],
        (k - mu) / (k + mu),
    ),
    "sum-not-of-roots": lambda mu, k: (4 / (k + mu), *heavy_ball(mu, k)[1:]),
    "no-momentum": lambda mu, k: (2 / (k + mu), 0.0, (k - mu) / (k + mu)),
    "nesterovs-numbers": lambda mu, k: (1 / k, heavy_ball(mu, k)[2], 1 - (mu / k) ** 0.5),
    "momentum-rooted": lambda mu, k: (
        heavy_ball(mu, k)[0],
        heavy_ball(mu, k)[2] ** 0.5,
        heavy_ball(mu, k)[2],
    ),
    "contraction-of-nesterov": lambda mu, k: (*heavy_ball(mu, k)[:2], 1 - (mu / k) ** 0.5),
    "rate-rooted": lambda mu, k: (heavy_ball(mu, k)[0] ** 0.5, *heavy_ball(mu, k)[1:]),
}

UNLISTED = [
    (lambda mu, k: (1 / k, 0.9, 0.9), "different", "differs"),
    (lambda mu, k: heavy_ball(mu, k)[::-1], "order", "another order"),
    (lambda mu, k: heavy_ball(k, mu), "sign", "The learning rate and the momentum are right"),
    (
        lambda mu, k: (heavy_ball(mu, k)[0], heavy_ball(mu, k)[1], 0.5),
        "different",
        "contraction differs",
    ),
]

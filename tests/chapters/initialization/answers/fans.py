"""initialization-fans."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "initialization-fans"


def fans(shape):
    area = math.prod(shape[2:])
    return shape[1] * area, shape[0] * area


def with_numpy(shape):
    weight = np.zeros(shape)
    return weight[0].size, weight[:, 0].size


RIGHT = [fans, with_numpy, in_float32(fans), as_object(fans), in_numpy(fans), in_torch(fans)]

WRONG = {
    "exchanged": lambda s: fans(s)[::-1],
    "field-lost": lambda s: (s[1], s[0]),
    "field-lost-in-fan-out": lambda s: (fans(s)[0], s[0]),
    "field-lost-in-fan-in": lambda s: (s[1], fans(s)[1]),
    "sides-added": lambda s: (s[1] * (sum(s[2:]) or 1), s[0] * (sum(s[2:]) or 1)),
    "one-side": lambda s: (s[1] * [*s[2:], 1][0], s[0] * [*s[2:], 1][0]),
    "images-only": lambda s: (
        (s[1], s[0]) if len(s) == 2 else (s[1] * s[2] * s[3], s[0] * s[2] * s[3])
    ),
    "two-sides-only": lambda s: (s[1] * math.prod(s[2:4]), s[0] * math.prod(s[2:4])),
    "last-two-sides-only": lambda s: (
        s[1] * math.prod(s[2:][-2:]),
        s[0] * math.prod(s[2:][-2:]),
    ),
}

UNLISTED = [
    (lambda s: math.prod(s), "wrong-number-of-values", "Wanted are 2 values"),
    (lambda s: (2 * fans(s)[0], fans(s)[1]), "different", "fan-out is right"),
    (lambda s: (fans(s)[0], sum(fans(s))), "different", "fan-in is right"),
]

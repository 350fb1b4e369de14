"""preprocessing-rounding."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "preprocessing-rounding"


def rounding(low, high, bits):
    step = (high - low) / (2**bits - 1)
    return step, step / math.sqrt(12)


def with_numpy(low, high, bits):
    levels = np.linspace(low, high, 2**bits)
    step = levels[1] - levels[0]
    return step, np.sqrt(step**2 / 12)


def _at(parts, error):
    def answer(low, high, bits):
        step = (high - low) / parts(bits)
        return step, error(step)

    return answer


def _root(step):
    return step / math.sqrt(12)


def _steps(bits):
    return 2**bits - 1


RIGHT = [
    rounding,
    with_numpy,
    in_float32(rounding),
    as_object(rounding),
    in_numpy(rounding),
    in_torch(rounding),
]

WRONG = {
    "levels-for-steps": _at(lambda bits: 2**bits, _root),
    "bits-for-steps": _at(lambda bits: bits, _root),
    "low-forgotten": lambda low, high, bits: rounding(0, high, bits),
    "mean-square": _at(_steps, lambda step: step**2 / 12),
    "root-forgotten": _at(_steps, lambda step: step / 12),
    "largest-error": _at(_steps, lambda step: step / 2),
    "one-sided": _at(_steps, lambda step: step / math.sqrt(3)),
    "mean-error": _at(_steps, lambda step: step / 4),
    "levels-for-steps+largest-error": _at(lambda bits: 2**bits, lambda step: step / 2),
    "variance-sixth": _at(_steps, lambda step: step / math.sqrt(6)),
    "one-half-counted": _at(_steps, lambda step: step / math.sqrt(24)),
    "error-of-the-levels": lambda low, high, bits: (
        (high - low) / (2**bits - 1),
        (high - low) / 2**bits / math.sqrt(12),
    ),
    "eight-bits-assumed": _at(lambda bits: 255, _root),
    "one-step-too-many": _at(lambda bits: 2**bits + 1, _root),
    "sizes-added": lambda low, high, bits: rounding(-abs(low), abs(high), bits),
}

UNLISTED = [
    (_at(_steps, lambda step: step), "different", "of a step"),
    (lambda low, high, bits: rounding(low, high, bits)[::-1], "order", "order"),
    (lambda low, high, bits: rounding(low, high, bits)[1], "wrong-number-of-values", "2 values"),
]

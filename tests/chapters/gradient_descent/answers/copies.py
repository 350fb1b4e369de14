"""gradient-descent-copies."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "gradient-descent-copies"


def short(hidden):
    return sum(math.log10(math.factorial(n)) + n * math.log10(2) for n in hidden)


def count(hidden):
    return math.prod(math.factorial(n) * 2**n for n in hidden)


def by_product(hidden):
    return math.log10(count(hidden))


RIGHT = [short, by_product, in_float32(short), as_object(short), in_numpy(short), in_torch(short)]

WRONG = {
    "signs-forgotten": lambda h: sum(math.log10(math.factorial(n)) for n in h),
    "one-sign-a-layer": lambda h: sum(math.log10(2 * math.factorial(n)) for n in h),
    "orders-forgotten": lambda h: sum(h) * math.log10(2),
    "units-for-orders": lambda h: sum(math.log10(n * 2**n) for n in h),
    "signs-added": lambda h: sum(math.log10(math.factorial(n) * 2 * n) for n in h),
    "layers-mixed": lambda h: math.log10(math.factorial(sum(h)) * 2 ** sum(h)),
    "layers-added": lambda h: math.log10(sum(math.factorial(n) * 2**n for n in h)),
    "natural-logarithm": lambda h: short(h) * math.log(10),
    "binary-logarithm": lambda h: short(h) * math.log2(10),
    "no-logarithm": lambda h: 10 ** short(h),
    "itself-left-out": lambda h: math.log10(count(h) - 1) if count(h) > 1 else 0.0,
    "one-sign-for-all": lambda h: math.log10(2 * math.prod(math.factorial(n) for n in h)),
    "one-place-too-few": lambda h: sum(
        math.lgamma(n) / math.log(10) + n * math.log10(2) for n in h
    ),
    "stirling": lambda h: sum(
        math.log10(math.sqrt(2 * math.pi * n)) + n * math.log10(2 * n / math.e) for n in h
    ),
    "rounded-down": lambda h: math.floor(short(h)),
    "overflow": lambda h: np.log10(np.prod([np.prod(np.arange(1.0, n + 1)) * 2.0**n for n in h])),
}

UNLISTED = [
    (lambda h: -short(h), "sign", "wrong sign"),
    (lambda h: short(h) + 1, "different", "differs from the definition"),
    (
        lambda h: short(h) if len(h) == 1 else short(h[:1]),
        "only-sometimes",
        "is right with one hidden layer",
    ),
]

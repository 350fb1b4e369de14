"""optimizers-bias-correction."""

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "optimizers-bias-correction"


def uncorrected(t, beta1, beta2):
    return (1 - beta1**t) / (1 - beta2**t) ** 0.5


def summed(t, beta1, beta2):
    powers = np.arange(t)
    s, r = ((1 - b) * np.sum(b**powers) for b in (beta1, beta2))
    return s / np.sqrt(r)


RIGHT = [
    uncorrected,
    summed,
    in_float32(uncorrected),
    as_object(uncorrected),
    in_numpy(uncorrected),
    in_torch(uncorrected),
]

WRONG = {
    "no-root": lambda t, b1, b2: (1 - b1**t) / (1 - b2**t),
    "inverse": lambda t, b1, b2: 1 / uncorrected(t, b1, b2),
    "first-step-always": lambda t, b1, b2: uncorrected(1, b1, b2),
    "one-step-late": lambda t, b1, b2: uncorrected(t - 1, b1, b2),
    "square-forgotten": lambda t, b1, b2: 1 - b1**t,
    "mean-forgotten": lambda t, b1, b2: 1 / (1 - b2**t) ** 0.5,
    "no-root+inverse": lambda t, b1, b2: (1 - b2**t) / (1 - b1**t),
    "one-step-early": lambda t, b1, b2: uncorrected(t + 1, b1, b2),
    "root-of-both": lambda t, b1, b2: ((1 - b1**t) / (1 - b2**t)) ** 0.5,
    "betas-swapped": lambda t, b1, b2: uncorrected(t, b2, b1),
}

UNLISTED = [
    (lambda t, b1, b2: 1.0, "square-forgotten+mean-forgotten", "Two things"),
    (lambda t, b1, b2: t * uncorrected(1, b1, b2), "different", "differs"),
    (lambda t, b1, b2: -uncorrected(t, b1, b2), "sign", "wrong sign"),
    (lambda t, b1, b2: b1**t / b2**t, "different", "differs"),
]

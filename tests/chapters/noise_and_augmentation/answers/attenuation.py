"""noise-and-augmentation-attenuation."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "noise-and-augmentation-attenuation"
GIVEN = given(SLUG)
X, Y, STD = GIVEN["x"], GIVEN["y"], GIVEN["std"]
SQUARE = float((X**2).mean())
FACTOR = SQUARE / (SQUARE + STD**2)


def measured(seed=0, copies=4000):
    noise = np.random.default_rng(seed).normal(size=(copies, len(X))) * STD
    x = X.numpy() + noise
    slope = (x * Y.numpy()).sum() / (x**2).sum()
    return slope / float((X * Y).sum() / (X**2).sum())


RIGHT = [
    (FACTOR, measured()),
    np.array([FACTOR, measured(1)]),
    torch.tensor([FACTOR, measured(2)], dtype=torch.float32),
    {"predicted": FACTOR, "measured": measured(3)}.values(),
    {"measured": measured(4), "predicted": FACTOR},
]

WRONG = {
    "unit-variance": (1 / (1 + STD**2), measured()),
    "std-not-squared": (SQUARE / (SQUARE + STD), measured()),
    "inverse": (1 / FACTOR, measured()),
    "first-order": (1 - STD**2 / SQUARE, measured()),
    "sum-of-squares": (40 * SQUARE / (40 * SQUARE + STD**2), measured()),
    "root": (FACTOR**0.5, measured()),
    "copied": (FACTOR, FACTOR),
    "swapped": (measured(), FACTOR),
    "not-measured": (FACTOR, 0.8 * FACTOR),
}

UNLISTED = [
    ((0.123, 0.5), "prediction-wrong", "ridge"),
    (FACTOR, "not-two-numbers", "two numbers"),
    ("half", "not-two-numbers", "two numbers"),
]

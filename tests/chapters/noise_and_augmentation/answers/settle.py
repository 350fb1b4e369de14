"""noise-and-augmentation-settle."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "noise-and-augmentation-settle"
GIVEN = given(SLUG)
Y, STD = GIVEN["y"], GIVEN["std"]
W = (Y - 3 * STD**2) ** 0.5


def measured(seed=0, steps=40_000, lr=0.002):
    n = STD * np.random.default_rng(seed).normal(size=steps)
    w, path = 1.0, []
    for noise in n.tolist():
        moved = w + noise
        w -= lr * 4 * (moved**2 - Y) * moved
        path.append(w)
    return sum(path[steps // 2 :]) / (steps - steps // 2)


RIGHT = [
    (W, measured()),
    np.array([W, measured(1)]),
    torch.tensor([W, measured(2)], dtype=torch.float32),
    {"predicted": W, "measured": measured(3)}.values(),
]

WRONG = {
    "no-noise": (Y**0.5, measured()),
    "penalty-alone": ((Y - 2 * STD**2) ** 0.5, measured()),
    "second-alone": ((Y - STD**2) ** 0.5, measured()),
    "std-not-squared": ((max(Y - 3 * STD, 0.0)) ** 0.5, measured()),
    "value": (W**2, measured()),
    "negative": (-W, -measured()),
    "copied": (W, W),
    "not-measured": (W, Y**0.5),
}

UNLISTED = [
    ((0.123, 0.5), "prediction-wrong", "derivative"),
    (W, "not-two-numbers", "two numbers"),
    ("flat", "not-two-numbers", "two numbers"),
    ((W, float("nan")), "not-two-numbers", "two numbers"),
]

"""signal-propagation-layers-until."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "signal-propagation-layers-until"
GIVEN = given(SLUG)


def kernel(rho):
    return (math.sqrt(max(0.0, 1 - rho**2)) + rho * (math.pi - math.acos(rho))) / math.pi


def depth(step):
    rho = GIVEN["rho"]
    for layer in range(10_000):
        if 1 - rho <= GIVEN["goal"]:
            return layer
        rho = step(rho)
    return None


def skip(weight):
    return depth(lambda rho: (rho + weight * kernel(rho)) / (1 + weight))


PLAIN, SKIP = depth(kernel), skip(GIVEN["alpha"] ** 2)
TWO = depth(lambda rho: 0.5 * rho + 0.5 * kernel(kernel(rho)))
RIGHT = [
    (PLAIN, SKIP, TWO),
    np.array([PLAIN, SKIP, TWO]),
    torch.tensor([PLAIN, SKIP, TWO], dtype=torch.float32),
    {"two": TWO, "plain": PLAIN, "skip": SKIP},
]
WRONG = {
    "off-by-one": (PLAIN + 1, SKIP + 1, TWO + 1),
    "plain-wrong": (PLAIN + 5, SKIP, TWO),
    "alpha-not-squared": (PLAIN, skip(GIVEN["alpha"]), TWO),
    "skip-wrong": (PLAIN, PLAIN, TWO),
    "two-wrong": (PLAIN, SKIP, depth(lambda rho: kernel(kernel(rho)))),
    "not-three-numbers": (PLAIN, SKIP),
}
UNLISTED = [
    ((PLAIN - 1, SKIP - 1, TWO - 1), "off-by-one", "applied"),
    ((1, 2, 3), "plain-wrong", "count"),
    ((PLAIN, SKIP, PLAIN // 2), "two-wrong", "Right: 2 of the 3"),
    ("many", "not-three-numbers", "three numbers"),
]

"""preprocessing-pixels."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "preprocessing-pixels"
NOISE, STEP = given(SLUG)["noise"], 4095 / 255
FINE, COARSE = (math.ceil((NOISE**2 + step**2 / 12) / 4) for step in (1.0, STEP))


def measured(m=COARSE, repeats=4_000):
    values = 60 + NOISE * np.random.default_rng(0).normal(size=(repeats, m))
    return (STEP * np.round(values / STEP)).mean(1).std()


RIGHT = [
    (FINE, COARSE, measured()),
    [float(FINE), float(COARSE), 1.99],
    torch.tensor([FINE, COARSE, measured()]),
    {"12 bits": FINE, "8 bits": COARSE, "measured": measured()},
]

WRONG = {
    "rounded-down": (FINE - 1, COARSE, measured()),
    "not-whole": ((NOISE**2 + 1 / 12) / 4, COARSE, measured()),
    "noise-alone": (FINE, FINE, measured()),
    "step-for-error": (FINE, math.ceil((NOISE**2 + STEP**2) / 4), 2.0),
    "half-step": (FINE, math.ceil((NOISE**2 + STEP**2 / 4) / 4), 2.0),
    "rounding-alone": (FINE, math.ceil(STEP**2 / 48), 2.0),
    "sum-of-deviations": (FINE, math.ceil((NOISE + STEP / math.sqrt(12)) ** 2 / 4), 2.0),
    "root-lost": (math.ceil((NOISE**2 + 1 / 12) / 2), COARSE, 2.0),
    "count-wrong": (FINE, 5 * COARSE, 2.0),
    "single-pixel": (FINE, COARSE, measured(1)),
    "not-measured": (FINE, COARSE, 4.0),
}

UNLISTED = [
    ((FINE, COARSE), "not-three-numbers", "three numbers"),
    ("many", "not-three-numbers", "three numbers"),
    ((COARSE, FINE, 2.0), "count-wrong", "12 bits"),
    ((FINE, COARSE, 0.0), "not-measured", "some thousand times"),
]

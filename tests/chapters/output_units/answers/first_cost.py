"""output-units-first-cost."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "output-units-first-cost"
DATA = given(SLUG)
K, S = DATA["classes"], DATA["std"]


def measured(rows=100_000):
    z = S * np.random.default_rng(1).normal(size=(rows, K))
    return (np.log(np.exp(z).sum(1)) - z[:, -1]).mean()


LEVEL, M = np.log(K), measured()
RIGHT = [
    (LEVEL, LEVEL + S**2 / 2, M),
    [round(float(v), 3) for v in (LEVEL, LEVEL + S**2 / 2, M)],
    torch.tensor([LEVEL, LEVEL + S**2 / 2, M]).float(),
    {"equal": LEVEL, "predicted": LEVEL + S**2 / 2, "measured": M},
]

WRONG = {
    "probability-for-cost": (1 / K, LEVEL + S**2 / 2, M),
    "log-likelihood": (-LEVEL, LEVEL + S**2 / 2, M),
    "bits": (np.log2(K), LEVEL + S**2 / 2, M),
    "shift-missing": (LEVEL, LEVEL, M),
    "std-for-variance": (LEVEL, LEVEL + S / 2, M),
    "not-halved": (LEVEL, LEVEL + S**2, M),
    "equal-wrong": (0.0, LEVEL + S**2 / 2, M),
    "predicted-wrong": (LEVEL, LEVEL - S**2 / 2, M),
    "not-measured": (LEVEL, LEVEL + S**2 / 2, LEVEL + S**2 / 2),
    "measured-wrong": (LEVEL, LEVEL + S**2 / 2, LEVEL),
}

UNLISTED = [
    (LEVEL, "not-three-numbers", "three numbers"),
    ("log K", "not-three-numbers", "three numbers"),
    ((LEVEL, LEVEL + S**2 / 2, 1.03 * M), "measured-wrong", "100,000 rows"),
]

"""normalization-family-recurrent-scale."""

import math

import torch

from lecturelib.exercises import given

SLUG = "normalization-family-recurrent-scale"
S = given(SLUG)["s"]


def by_formula(s=S, gain=0.1, power=2 / 40):
    share = gain**power
    return math.sqrt(2 * share / (1 - share)) / s


RIGHT = [by_formula(), torch.tensor(by_formula(gain=0.08)), [by_formula(gain=0.15)]]

WRONG = {
    "without-the-norm": math.sqrt(2 * 0.1 ** (2 / 40)) / S,
    "default": 1.0 if S != 1 else 1.001,
    "square-forgotten": by_formula(power=1 / 40),
    "vanishes": 2.5 / S,
    "inputs-lost": 100.0,
    "not-positive": -3.0,
    "not-a-number": "large",
}
if S != 1:
    WRONG["s-forgotten"] = by_formula(1.0)

UNLISTED = [
    (0.01, "vanishes", "share"),
    (1e6, "inputs-lost", "hardly heard"),
    (math.inf, "not-a-number", "finite"),
]

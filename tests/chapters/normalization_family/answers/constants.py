"""normalization-family-constants."""

import math

import torch

from lecturelib.exercises import given

SLUG = "normalization-family-constants"
A = given(SLUG)["a"]


def density(y):
    return math.exp(-(y**2) / 2) / math.sqrt(2 * math.pi)


def below(y):
    return 0.5 * (1 + math.erf(y / math.sqrt(2)))


def exact(a=A):
    """c₂ = φ(a) − a Φ(−a), by parts; E[max(Y, −a)²] = Φ(a) − a φ(a) + a² Φ(−a)."""
    c2 = density(a) - a * below(-a)
    square = below(a) - a * density(a) + a**2 * below(-a)
    c1 = math.sqrt(square - c2**2)
    return c2, c1, math.sqrt(below(a)) / c1


def sampled(seed=0):
    y = torch.randn(4_000_000, generator=torch.Generator().manual_seed(seed))
    h = torch.clamp(y, min=-A)
    return h.mean(), h.std(), (y > -A).float().mean().sqrt() / h.std()


C2, C1, GAIN = exact()
RIGHT = [
    exact(),
    sampled(),
    torch.tensor(exact()),
    {"c₂": C2, "c₁": C1, "the gain": GAIN},
]

RELU = 1 / math.sqrt(2 * math.pi)
WRONG = {
    "relu": (RELU, C1, GAIN),
    "cut-at-plus-a": (exact(-A)[0], C1, GAIN),
    "mean-negative": (-C2, C1, GAIN),
    "mean-not-removed": (C2, math.sqrt(C1**2 + C2**2), GAIN),
    "variance": (C2, C1**2, GAIN),
    "gain-squared": (C2, C1, GAIN**2),
    "gain-not-divided": (C2, C1, math.sqrt(below(A))),
    "share-for-its-root": (C2, C1, below(A) / C1),
    "not-three-numbers": (C2, C1),
}

UNLISTED = [
    ((5.0, C1, GAIN), "mean-wrong", "take the mean"),
    ((C2, 3.0, GAIN), "deviation-wrong", "standard deviation"),
    ((C2, C1, 9.0), "gain-wrong", "slope 1"),
]

"""hidden-units-hard-tanh."""

import math

import numpy as np
import torch

SLUG = "hidden-units-hard-tanh"

z = np.random.default_rng(0).normal(size=4_000_000)
SQUARE, SLOPE = np.mean(np.clip(z, -1, 1) ** 2), np.mean(abs(z) < 1)


def measured(seed=0, layers=11, width=256, samples=32, reduce=lambda v: v.square().mean().sqrt()):
    """First layer over last, in a random network."""
    g = torch.Generator().manual_seed(seed)
    h, sums = torch.randn(width, samples, generator=g), []
    for layer in range(layers):
        std = (1 if layer == 0 else 1 / math.sqrt(SQUARE)) / math.sqrt(width)
        sums.append((std * torch.randn(width, width, generator=g) @ h).requires_grad_())
        h = sums[-1].clamp(-1, 1)
    gradients = torch.autograd.grad((h * torch.randn(h.shape, generator=g)).sum(), sums)
    return float(reduce(gradients[0]) / reduce(gradients[-1]))


RATIO = measured()
RHO = SLOPE / SQUARE
exact = math.erf(1 / math.sqrt(2))
by_hand = 1 - 2 * math.exp(-0.5) / math.sqrt(2 * math.pi)

RIGHT = [
    (SQUARE, SLOPE, RHO, RATIO),
    [by_hand, exact, exact / by_hand, measured(1)],
    torch.tensor([0.5161, 0.6827, 1.3229, measured(2)]),
    np.float32([0.516, 0.683, 1.323, 4.2]),
    {"square": SQUARE, "slope": SLOPE, "rho": RHO, "measured ratio": RATIO},
]

WRONG = {
    "exchanged": (SLOPE, SQUARE, RHO, RATIO),
    "tails-lost": (0.1987, SLOPE, RHO, RATIO),
    "square-of-z": (1.0, SLOPE, SLOPE, RATIO),
    "square-wrong": (0.4, SLOPE, RHO, RATIO),
    "slope-wrong": (SQUARE, 0.5, 0.5 / SQUARE, RATIO),
    "rho-upside-down": (SQUARE, SLOPE, 1 / RHO, RATIO),
    "rho-wrong": (SQUARE, SLOPE, 1.0, RATIO),
    "upside-down": (SQUARE, SLOPE, RHO, 1 / RATIO),
    "mean-square": (SQUARE, SLOPE, RHO, measured(reduce=lambda v: v.square().mean())),
    "one-layer": (SQUARE, SLOPE, RHO, RHO),
    "not-measured": (SQUARE, SLOPE, RHO, 50.0),
}

UNLISTED = [
    ((SQUARE, SLOPE, RHO), "not-four-numbers", "four numbers"),
    ((SQUARE, SLOPE, RHO, -1.0), "not-positive", "positive"),
    ("0.5", "not-four-numbers", "four numbers"),
]

"""batch-norm-in-networks-dropout-order."""

import torch
from torch import nn

from lecturelib.exercises import given

SLUG = "batch-norm-in-networks-dropout-order"
P, MEAN = given(SLUG)["p"], given(SLUG)["mean"]


def measured(p=P, mean=MEAN, seed=0):
    """What a student measures: the variance that batch norm stores, and the one that it meets."""
    generator = torch.Generator().manual_seed(seed)
    x = mean + torch.randn(200_000, generator=generator)
    kept = (torch.rand(200_000, generator=generator) >= p) / (1 - p)
    return (x.var() / (kept * x).var()).item()


def in_theory(p=P, mean=MEAN):
    return 1 / ((1 + mean**2) / (1 - p) - mean**2)


def with_layers():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        x, ratios = MEAN + torch.randn(100_000, 1), []
        for dropout in (nn.Dropout(P), nn.Identity()):
            norm = nn.BatchNorm1d(1, momentum=1.0)
            nn.Sequential(dropout, norm).train()(x)
            ratios.append(x.var() / norm.running_var)
    return torch.cat(ratios)


RIGHT = [
    (measured(), 1.0),
    (in_theory(), 1),
    with_layers(),
    {"first": measured(seed=5), "second": 1.01},
]

UNSCALED = 1 / ((1 - P) * (1 + MEAN**2) - ((1 - P) * MEAN) ** 2)
WRONG = {
    "ratio-inverted": (1 / measured(), 1.0),
    "deviations-compared": (measured() ** 0.5, 1.0),
    "mean-ignored": (measured(mean=0.0), 1.0),
    "no-difference": (1.0, 1.0),
    "not-rescaled": (UNSCALED, 1.0),
    "drop-and-keep-swapped": (measured(p=1 - P), 1.0),
    "order-swapped": (1.0, measured()),
    "measured-behind-dropout": (measured(), 1 - P),
    "second-ratio-wrong": (measured(), 7.0),
    "not-two-ratios": 0.4,
    "not-positive": (-0.4, 1.0),
}

UNLISTED = [
    ((5.0, 1.0), "first-ratio-wrong", "more spread out"),
    ((0.05, 1.0), "first-ratio-wrong", "rescaling"),
    ((in_theory(), in_theory()), "second-ratio-wrong", "what does it see"),
    (("0.4", "1"), "not-two-ratios", "two numbers"),
]

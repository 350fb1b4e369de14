"""gradient-descent-uphill."""

import math

import torch

SLUG = "gradient-descent-uphill"


def searched():
    x = torch.linspace(-3, 3, 601, dtype=torch.float64)[:, None]
    rate = torch.linspace(0.01, 0.49, 97, dtype=torch.float64)
    f = lambda x: torch.sin(x) * torch.cos(4 * x)  # noqa: E731
    slope = torch.cos(x) * torch.cos(4 * x) - 4 * torch.sin(x) * torch.sin(4 * x)
    best = int((f(x - rate * slope) - f(x)).argmax())
    return x[best // 97].item(), rate[best % 97].item()


RIGHT = [searched(), torch.tensor(searched()), {"start": searched()[0], "rate": searched()[1]}]

WRONG = {
    "rate-not-allowed": (searched()[0], 0.6),
    "no-slope": (-math.pi / 2, 0.4),
    "rate-is-safe": (1.0, 0.1),
    "rises-too-little": (-1.2, 0.2),
    "downhill": (0.05, 0.45),
    "not-two-numbers": (1.0, 0.2, 3.0),
    "not-finite": (math.inf, 0.2),
}

UNLISTED = [
    ((1.0, -0.1), "rate-not-allowed", "between 0 and 2/4"),
    ((-1.5, 0.02), "rate-is-safe", "descent lemma"),
    ("from a minimum", "not-two-numbers", "(start, rate)"),
]

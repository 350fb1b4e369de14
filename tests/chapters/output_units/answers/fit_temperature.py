"""output-units-fit-temperature."""

import numpy as np
import torch
from torch.nn import functional as F

SLUG = "output-units-fit-temperature"


def by_bisection(z, t):
    low, high = -5.0, 5.0
    for _ in range(60):
        a = (low + high) / 2
        p = torch.softmax(z * np.exp(a), 1)
        if (p * z).sum(1).mean() > z[torch.arange(len(z)), t].mean():
            high = a
        else:
            low = a
    return float(np.exp(-low))


def by_newton(z, t):
    """Newton's method on the convex NLL as a function of a = 1/T, halving steps that go too far."""
    a = torch.tensor(0.05, dtype=z.dtype)
    for _ in range(100):
        p = torch.softmax(a * z, 1)
        mean = (p * z).sum(1)
        slope = mean.mean() - z.gather(1, t[:, None]).mean()
        curvature = ((p * z**2).sum(1) - mean**2).mean()
        a = (a - slope / curvature).clamp(a / 2, 2 * a)
    return 1 / a


def search(cost):
    def answer(z, t):
        low, high = -5.0, 5.0
        for _ in range(8):
            grid = np.linspace(low, high, 61)
            best = int(np.argmin([float(cost(z / np.exp(g), t)) for g in grid]))
            low, high = grid[max(best - 1, 0)], grid[min(best + 1, 60)]
        return float(np.exp((low + high) / 2))

    return answer


by_grid = search(F.cross_entropy)

RIGHT = [by_bisection, by_newton, by_grid]


def brier(z, t):
    return ((torch.softmax(z, 1) - F.one_hot(t, z.shape[1])) ** 2).sum(1).mean()


WRONG = {
    "not-fitted": lambda z, t: 1.0,
    "inverse": lambda z, t: 1 / by_bisection(z, t),
    "logarithm": lambda z, t: np.log(by_bisection(torch.as_tensor(z), torch.as_tensor(t))),
    "never-below-one": lambda z, t: max(by_bisection(z, t), 1.0),
    "never-above-one": lambda z, t: min(by_bisection(z, t), 1.0),
    "squared": lambda z, t: by_bisection(z, t) ** 2,
    "squared-error": search(brier),
}

UNLISTED = [
    (lambda z, t: z.std(), "different", "differs"),
    (lambda z, t: by_bisection(z, t) + 0.5, "different", "differs"),
    (lambda z, t: torch.full((4,), by_bisection(z, t)), "wrong-shape", "shape"),
]

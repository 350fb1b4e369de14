"""output-units-fit-temperature."""

import numpy as np
import torch
from scipy.optimize import minimize_scalar
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


class WithScipy:
    def __call__(self, z, t):
        def nll(log_temperature):
            u = z / np.exp(log_temperature)
            u = u - u.max(axis=1, keepdims=True)
            return np.mean(np.log(np.exp(u).sum(axis=1)) - u[np.arange(len(z)), t])

        options = {"xatol": 1e-9}
        return np.exp(minimize_scalar(nll, bounds=(-3, 3), method="bounded", options=options).x)


def in_float32(z, t):
    return by_bisection(z.float(), t)


def to_four_digits(z, t):
    return float(f"{by_bisection(z, t):.4g}")


def with_lbfgs(z, t):
    a = torch.zeros((), dtype=z.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS([a], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(z * a.exp(), t)
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    return torch.exp(-a).detach()


RIGHT = [by_bisection, by_newton, by_grid, WithScipy(), in_float32, to_four_digits, with_lbfgs]


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
    "range-tenth-to-ten": lambda z, t: min(max(by_bisection(z, t), 0.1), 10.0),
    "range-half-to-five": lambda z, t: min(max(by_bisection(z, t), 0.5), 5.0),
    "halfway": lambda z, t: (1 + by_bisection(z, t)) / 2,
}

UNLISTED = [
    (lambda z, t: 2.0, "different", "is possible"),
    (lambda z, t: round(by_bisection(z, t), 1), "different", "You are close"),
    (lambda z, t: -by_bisection(z, t), "sign", "sign"),
    (lambda z, t: torch.full((4,), by_bisection(z, t)), "wrong-shape", "shape"),
]

"""cost-functions-gaussian-nll."""

import math

import numpy as np
import torch

SLUG = "cost-functions-gaussian-nll"


def nll(m, y, s):
    return ((y - m) ** 2 / (2 * s**2) + torch.log(s) + math.log(2 * math.pi) / 2).mean()


def with_numpy(m, y, s):
    return np.mean(((y - m) / s) ** 2 / 2 + np.log(s * np.sqrt(2 * np.pi)))


def with_torch(m, y, s):
    return torch.nn.functional.gaussian_nll_loss(m, y, s**2, full=True)


def from_density(m, y, s):
    density = torch.exp(-((y - m) ** 2) / (2 * s**2)) / (s * math.sqrt(2 * math.pi))
    return nll(m, y, s) if (density == 0).any() else -density.log().mean()


class WithDistribution:
    def __call__(self, mean, target, scale):
        return -torch.distributions.Normal(mean, scale).log_prob(target).mean()


def in_float32(m, y, s):
    return nll(m.float(), y.float(), s.float())


def with_tensors_and_numpy(m, t, sd):
    """NumPy's constants beside methods of tensors."""
    return (0.5 * np.log(2 * np.pi) + sd.log() + (t - m) ** 2 / (2 * sd**2)).mean()


RIGHT = [
    nll,
    with_numpy,
    with_torch,
    from_density,
    WithDistribution(),
    in_float32,
    with_tensors_and_numpy,
]

C = math.log(2 * math.pi) / 2
WRONG = {
    "half-missing": lambda m, y, s: (((y - m) / s) ** 2 + s.log() + C).mean(),
    "log-missing": lambda m, y, s: (((y - m) / s) ** 2 / 2 + C).mean(),
    "constant-missing": lambda m, y, s: (((y - m) / s) ** 2 / 2 + s.log()).mean(),
    "scale-not-squared": lambda m, y, s: ((y - m) ** 2 / (2 * s) + s.log() + C).mean(),
    "scale-taken-for-variance": lambda m, y, s: ((y - m) ** 2 / (2 * s) + s.log() / 2 + C).mean(),
    "log-of-variance": lambda m, y, s: (((y - m) / s) ** 2 / 2 + (s**2).log() + C).mean(),
    "log-sign": lambda m, y, s: (((y - m) / s) ** 2 / 2 - s.log() + C).mean(),
    "sum-taken": lambda m, y, s: nll(m, y, s) * len(y),
    "log-likelihood": lambda m, y, s: -nll(m, y, s),
    "not-squared": lambda m, y, s: ((y - m).abs() / s**2 / 2 + s.log() + C).mean(),
    "log-missing+constant-missing": lambda m, y, s: (((y - m) / s) ** 2 / 2).mean(),
    "wrong-shape": lambda m, y, s: ((y - m) / s) ** 2 / 2 + s.log() + C,
    "constant-doubled": lambda m, y, s: nll(m, y, s) + C,
    "one-scale-for-all": lambda m, y, s: (
        ((y - m) ** 2).mean() / (s**2).mean() / 2 + s.log().mean() + C
    ),
    "scale-clamped-at-0.1": lambda m, y, s: nll(m, y, s.clamp(min=0.1)),
    "added-below-0.001": lambda m, y, s: ((y - m) ** 2 / (s**2 + 1e-3) / 2 + s.log() + C).mean(),
    "gradient-cut": lambda m, y, s: nll(m, y, s).detach(),
    "gradient-lost": lambda m, y, s: nll(m, y, s.detach()),
    "gradient-wrong": lambda m, y, s: ((y - m) ** 2 / (2 * s**2) + s.detach().log() + C).mean(),
}

UNLISTED = [
    (lambda m, y, s: ((y - m) ** 4).mean(), "different", "differs from the definition"),
    (lambda m, y, s: "low", "wrong-type", "tensor or an array"),
    (lambda m, y, s: nll(m, y, s).item(), "gradient-cut", ""),
    (lambda m, y, s: nll(m.detach(), y, s), "gradient-lost", "mean"),
    (lambda m, y: nll(m, y, torch.ones(1)), "wrong-arguments", "3 arguments"),
]

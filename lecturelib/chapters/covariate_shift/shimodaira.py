r"""Shimodaira's example in closed form and over many samples: a curve, two domains, two models.

The curve is :math:`y = -x + x^3`, the noise normal with standard deviation 0.3; x is
:math:`N(0.5, 0.5^2)` in training and :math:`N(0, 0.3^2)` in the test domain (Shimodaira, 2000).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from lecturelib.chapters.covariate_shift.experiments import cubic, normal_density

__all__ = ["NOISE", "TEST", "TRAIN", "Fits", "best_line", "draw", "effective_size", "fits"]

TRAIN, TEST, NOISE = (0.5, 0.5), (0.0, 0.3), 0.3


def best_line(mean: float, sd: float) -> tuple[float, float]:
    r"""Intercept and slope of the line with the least mean squared error for x of that domain.

    For normal x the slope is :math:`\mathbb{E}[f'(x)] = -1 + 3(\mu^2 + s^2)` (Stein's lemma).

    >>> best_line(0.5, 0.5)
    (-0.25, 0.5)
    """
    slope = -1 + 3 * (mean**2 + sd**2)
    return -mean + mean**3 + 3 * mean * sd**2 - slope * mean, slope


def effective_size(weights: Tensor) -> Tensor:
    r"""How many equally weighted samples the weights are worth: :math:`(\sum w)^2 / \sum w^2`.

    >>> effective_size(torch.tensor([1.0, 1.0, 0.0])).item()
    2.0
    """
    return weights.sum(-1) ** 2 / weights.square().sum(-1)


def draw(
    samples: int, *, count: int = 1, seed: int = 0, train: tuple[float, float] = TRAIN
) -> tuple[Tensor, Tensor]:
    """Training sets: x and y, ``[count, samples]``."""
    generator = torch.Generator().manual_seed(seed)
    z, e = torch.randn(2, count, samples, generator=generator, dtype=torch.float64)
    x = train[0] + train[1] * z
    return x, cubic(x) + NOISE * e


class Fits(NamedTuple):
    """Weighted least squares on many training sets."""

    coefficients: Tensor
    """From the constant up, ``[count, degree + 1]``."""
    excess: Tensor
    """Mean squared distance to the curve over the test domain, ``[count]``."""
    size: Tensor
    """Effective number of samples, ``[count]``."""


def fits(
    degree: int,
    power: float,
    *,
    samples: int = 100,
    count: int = 200,
    seed: int = 0,
    test: tuple[float, float] = TEST,
) -> Fits:
    r"""Fit polynomials with the weights :math:`(p_2(x)/p_1(x))^\lambda` to many training sets.

    Args:
        degree: of the polynomial: 1 is misspecified, 3 is not.
        power: :math:`\lambda`; 0 is plain least squares, 1 the full correction.
        samples: points in a training set.
        count: how many training sets.
        seed: of the draws.
        test: mean and standard deviation of x in the test domain.
    """
    x, y = draw(samples, count=count, seed=seed)
    weights = (normal_density(x, *test) / normal_density(x, *TRAIN)) ** power
    powers = torch.stack([x**k for k in range(degree + 1)], -1)
    root = weights.sqrt()[..., None]
    found = torch.linalg.lstsq(root * powers, root * y[..., None]).solution[..., 0]
    grid = test[0] + test[1] * torch.linspace(-8, 8, 801, dtype=torch.float64)
    density = normal_density(grid, *test)
    wrong = found @ torch.stack([grid**k for k in range(degree + 1)]) - cubic(grid)
    return Fits(found, wrong.square() @ (density / density.sum()), effective_size(weights))

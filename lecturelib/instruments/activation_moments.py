"""Moments of the activations of each unit, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .._columns import column_mean, column_std
from .._precision import widen
from .._scale import unit
from ._layer_outputs import run_with_outputs
from ._untouched import untouched_modules

POWER = 3  # of the sizes that are taken as they are: their fourth powers fit in the format too


class Moments(NamedTuple):
    """Moments of each unit over a batch, each of shape (C,)."""

    mean: Tensor
    r"""Mean :math:`\mu`."""
    variance: Tensor
    r"""Variance :math:`\sigma^2`, divided by the number of values."""
    skewness: Tensor
    r""":math:`E (x - \mu)^3 / \sigma^3`; 0 if symmetric, NaN for a unit that is constant, but for
    rounding."""
    excess_kurtosis: Tensor
    r""":math:`E (x - \mu)^4 / \sigma^4 - 3`; 0 for a Gaussian, NaN for a constant unit."""
    positive: Tensor
    """Share of values above 0; 0 is a dead ReLU."""

    @property
    def variance_share(self) -> Tensor:
        r"""Share of the second moment that is variance.

        .. math:: \sum \sigma^2 \,/\, \sum (\mu^2 + \sigma^2)

        Over all units together; near 0 each unit gives the same for every sample, so that the layer
        hardly tells them apart.
        """
        return self.variance.sum() / (self.mean.square() + self.variance).sum()


def moments(values: Tensor, *, unit_dim: int = 1) -> Moments:
    r"""Return the moments of each unit over all other axes.

    Args:
        values: Activations of shape (N, C) or (N, C, ...), floating point.
        unit_dim: The axis of the units.

    Returns:
        The moments, each of shape (C,); float32 for half precision. From n values the standard
        error of the mean is :math:`\sigma / \sqrt n`; for Gaussian values that of the variance is
        :math:`\sigma^2 \sqrt{2/n}`, of the skewness :math:`\sqrt{6/n}`, of the excess kurtosis
        :math:`\sqrt{24/n}`. Values of one image, or in batch norm of one batch, are not
        independent: then n is smaller than their number.

    Raises:
        ValueError: If there are fewer than two axes, or no values.

    Example:
        >>> found = moments(torch.tensor([[0.0, 1.0], [4.0, 1.0]]))
        >>> found.mean, found.variance, found.skewness
        (tensor([2., 1.]), tensor([4., 0.]), tensor([0., nan]))

    Chapter:
        signal_propagation
    """
    if values.ndim < 2 or values.numel() == 0:
        raise ValueError(f"moments: need values (N, C, ...), got shape {tuple(values.shape)}")
    x = widen(values).movedim(unit_dim, 0).flatten(1)
    positive = (x > 0).to(x.dtype).mean(1)
    u = unit(x, 1, power=POWER)
    x = x / u
    mean = column_mean(x, 1)
    constant = column_std(x, mean, 1) == 0
    centred = x - mean[:, None]
    centred = centred - centred * constant[:, None]
    v = unit(centred, 1, power=POWER)
    centred = centred / v
    variance = centred.square().mean(1)
    third, fourth = (centred.pow(n).mean(1) for n in (3, 4))
    u, v = u.flatten(), v.flatten()
    return Moments(
        mean * u,
        variance * (u * v) * (u * v),
        third / variance.pow(1.5),
        fourth / variance.square() - 3,
        positive,
    )


def activation_moments(
    forward: Callable[[], object], layers: Sequence[nn.Module], *, unit_dim: int = 1
) -> list[Moments]:
    r"""Run a network and return the moments of what some of its layers give.

    .. math::
        \mu_c = E\, x_c, \qquad \sigma_c^2 = E (x_c - \mu_c)^2

    Args:
        forward: A function of nothing that runs the layers, as ``lambda: model(x)``; its result is
            not used.
        layers: Modules whose outputs are looked at; any, in any order. The last output counts if
            one runs several times.
        unit_dim: The axis of the units in the outputs, 1 for (N, C) and (N, C, H, W).

    Returns:
        Moments of each unit, one entry a layer; ``moments`` names their standard errors.

    Raises:
        ValueError: If a layer did not run, or gave fewer than two axes.

    Example:
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        >>> x = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
        >>> before, after = activation_moments(lambda: model(x), list(model))
        >>> bool((after.mean >= before.mean).all())
        True

    Source:
        Page (2019), How to Train Your ResNet 7: Batch Norm, for the share of the variance.

    Chapter:
        signal_propagation
    """
    with torch.no_grad(), untouched_modules(layers):
        _, outputs = run_with_outputs("activation_moments", forward, layers)
        return [moments(output, unit_dim=unit_dim) for output in outputs]

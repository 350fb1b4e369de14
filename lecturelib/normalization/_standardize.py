"""What the norms over the features of a sample share: (x - μ) / √(σ² + ε), for all sizes of x."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .._scale import ordinary, unit

Dims = int | tuple[int, ...]


def standardize(
    x: Tensor,
    dims: Dims,
    eps: float,
    *,
    centre: bool = True,
    detach_mean: bool = False,
    detach_std: bool = False,
) -> Tensor:
    """Divide by √(σ² + ε) over some dimensions, or without centring by the root mean square.

    Where squares would leave the format it is done in units of the size of x, or of √ε if that is
    larger: the same numbers, as the unit is a power of two.

    Args:
        x: Values in float32 or float64.
        dims: The dimensions of one sample.
        eps: Added to the variance.
        centre: Whether to subtract the mean first.
        detach_mean: Treat the mean as a constant.
        detach_std: Treat the standard deviation as a constant.
    """

    def formula(x: Tensor, eps: float | Tensor) -> tuple[Tensor, Tensor]:
        mean = x.mean(dims, keepdim=True) if centre else 0
        centred = x - mean if centre else x
        square = centred.square().mean(dims, keepdim=True) + eps
        if detach_std:
            square = square.detach()
        if isinstance(mean, Tensor) and detach_mean:
            centred = x - mean.detach()
        return centred * torch.rsqrt(square), square

    output, square = formula(x, eps)
    if ordinary(square):
        return output
    u = unit(x, dims, at_least=math.sqrt(eps))
    return formula(x / u, eps_in(u, eps))[0]


def eps_in(u: Tensor, eps: float) -> Tensor:
    """Return ε in units of u²; in float64 on the way, where u² has room."""
    return (eps / u.double().square()).to(u.dtype)

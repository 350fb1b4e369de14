"""Noise on inputs and activations."""

from __future__ import annotations

import torch
from torch import Tensor

from .._device import fill
from .._precision import check_floating, widen
from ._checks import number_or_tensor


def add_noise(
    input: Tensor, std: float | Tensor, *, generator: torch.Generator | None = None
) -> Tensor:
    r"""Add independent normal noise to each value.

    .. math:: y = x + \sigma n, \qquad n_i \sim \mathcal{N}(0, 1)

    For inputs of a network it is an augmentation; of squared error it adds, to second order,
    :math:`\sigma^2 E\|\nabla_x \hat y\|^2` and :math:`\sigma^2 E[(\hat y - y) \operatorname{tr}
    \nabla_x^2 \hat y]`.

    Args:
        input: :math:`x`, floating point, of any shape.
        std: :math:`\sigma`, at least 0: a number, or a tensor that broadcasts to the input.
        generator: Source of randomness, on any device; None for the global one of the input's.

    Returns:
        A tensor like the input. Gradients reach the input, and the standard deviation if it is a
        tensor. In half precision the sum is computed in float32.

    Raises:
        TypeError: If the input, or a tensor as std, is not floating point.
        ValueError: If std is negative, not finite, or does not fit the input.

    Example:
        >>> a, b = (torch.Generator().manual_seed(0) for _ in range(2))
        >>> x = torch.tensor([1.0, 2.0])
        >>> torch.equal(add_noise(x, 0.5, generator=a), x + 0.5 * torch.randn(2, generator=b))
        True

    Source:
        Bishop (1995), Training with Noise is Equivalent to Tikhonov Regularization.

    Chapter:
        noise_and_augmentation
    """
    check_floating("add_noise", input=input)
    std = number_or_tensor("add_noise", "std", std, input)
    x = widen(input)
    n = torch.empty(x.shape, dtype=x.dtype, device=x.device)
    fill(n, lambda t: t.normal_(generator=generator), generator)
    return (x + std * n).to(input.dtype)

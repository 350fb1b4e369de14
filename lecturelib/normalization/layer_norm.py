"""Layer normalization: each sample is standardized over its own features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .._autocast import follows_autocast
from .._precision import whole_numbers
from ._checks import check_input, check_parameters, statistics_dtype
from ._standardize import standardize


@follows_autocast("on GPUs")
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Standardize each sample over its last dimensions, then scale and shift each place.

    .. math::
        y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Mean and biased variance are those of one sample, so that it does not matter what else is in the
    batch, nor whether one trains. The arguments and results are those of
    ``torch.nn.functional.layer_norm``. NaN and infinity propagate to their own sample alone.

    Args:
        input: Floating point values of shape (..., normalized_shape).
        normalized_shape: The last dimensions, over which mean and variance are taken.
        weight: Scale :math:`\gamma` of shape normalized_shape. None means 1.
        bias: Shift :math:`\beta` of shape normalized_shape. None means 0.
        eps: Added to the variance, at least 0.

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit, or eps is negative.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        >>> x = torch.tensor([[0.0, 1.0, 2.0], [10.0, 20.0, 30.0]])
        >>> layer_norm(x, [3], eps=0.0)
        tensor([[-1.2247,  0.0000,  1.2247],
                [-1.2247,  0.0000,  1.2247]])

    Source:
        Ba, Kiros and Hinton (2016), Layer Normalization, equation 3.

    Chapter:
        batch_norm_in_networks (comparison)
    """
    shape = tuple(normalized_shape)
    check_input("layer_norm", input, eps)
    if not shape or tuple(input.shape[-len(shape) :]) != shape:
        raise ValueError(
            f"layer_norm: input must end in normalized_shape {shape} with at least one dimension, "
            f"got shape {tuple(input.shape)}"
        )
    check_parameters("layer_norm", input, shape, weight=weight, bias=bias)
    x = input.to(statistics_dtype(input))
    dims = tuple(range(-len(shape), 0))
    output = standardize(x, dims, eps)
    if weight is not None:
        output = output * weight
    if bias is not None:
        output = output + bias
    return output.to(input.dtype)


class LayerNorm(nn.Module):
    r"""Layer norm with a scale and a shift for each place.

    .. math::
        y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    It stands in for ``torch.nn.LayerNorm``: same arguments, results and ``state_dict``.

    Args:
        normalized_shape: The last dimensions of the input; a number for the last one alone.
        eps: Added to the variance, at least 0.
        elementwise_affine: Whether to learn the scale and the shift.
        bias: Whether to learn the shift.
        device: Where the parameters lie.
        dtype: Their floating point type.

    Raises:
        ValueError: If eps is negative or, in the call, if the input does not end in the shape.

    Example:
        >>> LayerNorm(2)(torch.tensor([[1.0, 3.0]])).detach().round(decimals=3)
        tensor([[-1.,  1.]])

    Source:
        Ba, Kiros and Hinton (2016), Layer Normalization, equation 3.

    Chapter:
        batch_norm_in_networks (comparison)
    """

    weight: Tensor | None
    bias: Tensor | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if not eps >= 0:
            raise ValueError(f"LayerNorm: eps must be at least 0, got {eps}")
        self.normalized_shape = whole_numbers(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine

        def tensor() -> Tensor:
            return torch.empty(self.normalized_shape, device=device, dtype=dtype)

        affine = elementwise_affine
        self.register_parameter("weight", nn.Parameter(tensor()) if affine else None)
        self.register_parameter("bias", nn.Parameter(tensor()) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0."""
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalize each sample by itself."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Options, as PyTorch prints them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )

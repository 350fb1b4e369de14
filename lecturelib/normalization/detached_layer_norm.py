"""Layer norm whose mean or standard deviation is a constant for the backward pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ._checks import check_input, check_parameters, statistics_dtype
from ._standardize import standardize
from .layer_norm import LayerNorm


def detached_layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *,
    detach_mean: bool = True,
    detach_std: bool = True,
) -> Tensor:
    r"""Compute layer norm, but let no gradient pass through its mean or its standard deviation.

    .. math::
        y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \qquad
        \frac{\partial \mu}{\partial x} := 0, \qquad \frac{\partial \sigma}{\partial x} := 0

    The values are those of layer norm. The gradient of x is that of layer norm with the terms left
    out that re-centre it (through the mean) and take off its part along x̂ (through the standard
    deviation). With both constant it is :math:`\gamma \odot g / \sqrt{\sigma^2 + \epsilon}`. So
    it shows which part of layer norm's effect lies in the backward pass.

    Args:
        input: Floating point values of shape (..., normalized_shape).
        normalized_shape: The last dimensions, over which mean and variance are taken.
        weight: Scale :math:`\gamma` of shape normalized_shape. None means 1.
        bias: Shift :math:`\beta` of shape normalized_shape. None means 0.
        eps: Added to the variance, at least 0.
        detach_mean: Treat the mean as a constant.
        detach_std: Treat the standard deviation as a constant.

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit, or eps is negative.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        >>> x = torch.tensor([[0.0, 6.0]], requires_grad=True)  # standard deviation 3
        >>> y = detached_layer_norm(x, [2], eps=0.0)
        >>> y.backward(torch.tensor([[1.0, 2.0]]))
        >>> x.grad
        tensor([[0.3333, 0.6667]])

    Source:
        Xu et al. (2019), Understanding and Improving Layer Normalization (there: DetachNorm).

    Chapter:
        normalization_family
    """
    shape = tuple(normalized_shape)
    check_input("detached_layer_norm", input, eps)
    if not shape or tuple(input.shape[-len(shape) :]) != shape:
        raise ValueError(
            f"detached_layer_norm: input must end in normalized_shape {shape} with at least one "
            f"dimension, got shape {tuple(input.shape)}"
        )
    check_parameters("detached_layer_norm", input, shape, weight=weight, bias=bias)
    x = input.to(statistics_dtype(input))
    dims = tuple(range(-len(shape), 0))
    # The variance of x has the same gradient whether or not the mean in it is a constant.
    output = standardize(x, dims, eps, detach_mean=detach_mean, detach_std=detach_std)
    if weight is not None:
        output = output * weight
    if bias is not None:
        output = output + bias
    return output.to(input.dtype)


class DetachedLayerNorm(LayerNorm):
    r"""Layer norm whose mean or standard deviation is a constant for the backward pass.

    .. math::
        y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \qquad
        \frac{\partial \mu}{\partial x} := 0, \qquad \frac{\partial \sigma}{\partial x} := 0

    Args:
        normalized_shape: The last dimensions of the input; a number for the last one alone.
        eps: Added to the variance, at least 0.
        elementwise_affine: Whether to learn the scale and the shift.
        bias: Whether to learn the shift.
        device: Where the parameters lie.
        dtype: Their floating point type.
        detach_mean: Treat the mean as a constant.
        detach_std: Treat the standard deviation as a constant.

    Raises:
        ValueError: If eps is negative or, in the call, if the input does not end in the shape.

    Example:
        >>> DetachedLayerNorm(2, detach_mean=False)
        DetachedLayerNorm((2,), eps=1e-05, elementwise_affine=True, detach_std)

    Source:
        Xu et al. (2019), Understanding and Improving Layer Normalization (there: DetachNorm).

    Chapter:
        normalization_family
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        detach_mean: bool = True,
        detach_std: bool = True,
    ) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine, bias, device, dtype)
        self.detach_mean = detach_mean
        self.detach_std = detach_std

    def forward(self, input: Tensor) -> Tensor:
        """Normalize each sample by itself."""
        return detached_layer_norm(
            input,
            self.normalized_shape,
            self.weight,
            self.bias,
            self.eps,
            detach_mean=self.detach_mean,
            detach_std=self.detach_std,
        )

    def extra_repr(self) -> str:
        """Options, with what is constant."""
        constant = [name for name in ("detach_mean", "detach_std") if getattr(self, name)]
        return ", ".join([super().extra_repr(), *constant])

"""Group normalization: the channels of each sample are standardized in groups."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from .._autocast import follows_autocast
from ._checks import check_input, check_parameters, statistics_dtype, view_channels
from ._standardize import standardize


@follows_autocast("on GPUs")
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Standardize each group of a sample's channels, then scale and shift each channel.

    .. math::
        y = \gamma_c \frac{x - \mu_{ng}}{\sqrt{\sigma_{ng}^2 + \epsilon}} + \beta_c

    Mean and biased variance are those of the :math:`C / G` channels of group :math:`g` in sample
    :math:`n`, over all places. With one group it is layer norm, with as many groups as channels
    instance norm; only the affine part, one number a channel, tells it from ``layer_norm``. The
    arguments and results are those of ``torch.nn.functional.group_norm``, with one difference: a
    group of a single value, which any input would turn into the shift, is an error.

    Args:
        input: Floating point values of shape (N, C) or (N, C, ...).
        num_groups: Number of groups G, which divides C. Group 0 takes the first C / G channels.
        weight: Scale :math:`\gamma`, shape (C,). None means 1.
        bias: Shift :math:`\beta`, shape (C,). None means 0.
        eps: Added to the variance, at least 0.

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit, num_groups does not divide the channels, a
            group has fewer than 2 values, or eps is negative.
        TypeError: If the input is not floating point, or the dtype of another tensor is neither
            that of the input nor float32 beside a half-precision input.

    Example:
        >>> x = torch.tensor([[0.0, 2.0, 10.0, 30.0]])
        >>> group_norm(x, 2, eps=0.0)
        tensor([[-1.,  1., -1.,  1.]])

    Source:
        Wu and He (2018), Group Normalization, section 3.

    Chapter:
        normalization_family
    """
    check_input("group_norm", input, eps)
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise ValueError(f"group_norm: input must have shape (N, C, ...), got {shape}")
    if num_groups < 1 or shape[1] % num_groups:
        raise ValueError(
            f"group_norm: num_groups must divide the {shape[1]} channels of an input of shape "
            f"{shape}, got {num_groups}"
        )
    check_parameters("group_norm", input, shape[1:2], weight=weight, bias=bias)
    size = shape[1] // num_groups * math.prod(shape[2:])
    if size < 2:
        raise ValueError(
            "group_norm: each group needs more than 1 value to have a variance, got shape "
            f"{shape} in {num_groups} groups; take fewer groups"
        )
    x = input.to(statistics_dtype(input)).reshape(shape[0], num_groups, size)
    output = standardize(x, 2, eps).reshape(shape)
    if weight is not None:
        output = output * view_channels(weight, input)
    if bias is not None:
        output = output + view_channels(bias, input)
    return output.to(input.dtype)


class GroupNorm(nn.Module):
    r"""Group norm with a scale and a shift for each channel.

    .. math::
        y = \gamma_c \frac{x - \mu_{ng}}{\sqrt{\sigma_{ng}^2 + \epsilon}} + \beta_c

    It stands in for ``torch.nn.GroupNorm``: same arguments, results and ``state_dict``.

    Args:
        num_groups: Number of groups, which divides the channels.
        num_channels: Number of channels C.
        eps: Added to the variance, at least 0.
        affine: Whether to learn the scale and the shift.
        device: Where the parameters lie.
        dtype: Their floating point type.
        bias: Whether to learn the shift.

    Raises:
        ValueError: If num_groups does not divide num_channels or eps is negative; in the call, if
            the input has another number of channels, or a group a single value.

    Example:
        >>> GroupNorm(2, 4)(torch.tensor([[0.0, 2.0, 10.0, 30.0]])).detach().round(decimals=3)
        tensor([[-1.,  1., -1.,  1.]])

    Source:
        Wu and He (2018), Group Normalization, section 3.

    Chapter:
        normalization_family
    """

    weight: Tensor | None
    bias: Tensor | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels < 1 or num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups must divide num_channels, got {num_groups} groups for "
                f"{num_channels} channels"
            )
        if not eps >= 0:
            raise ValueError(f"GroupNorm: eps must be at least 0, got {eps}")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine

        def vector() -> Tensor:
            return torch.empty(num_channels, device=device, dtype=dtype)

        self.register_parameter("weight", nn.Parameter(vector()) if affine else None)
        self.register_parameter("bias", nn.Parameter(vector()) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1 and the shift to 0."""
        if self.weight is not None:
            nn.init.ones_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalize each sample by itself."""
        if input.ndim < 2 or input.shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm: expected {self.num_channels} channels in dimension 1, got shape "
                f"{tuple(input.shape)}"
            )
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Options, as PyTorch prints them."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"

"""RMS normalization: each sample is divided by its root mean square."""

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
def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    r"""Divide each sample by the root mean square of its last dimensions, then scale each place.

    .. math::
        y = \gamma \odot \frac{x}{\sqrt{\frac{1}{n} \sum_i x_i^2 + \epsilon}}

    It is layer norm without its mean: invariant to the scale of a sample or of all the weights
    before it, not to a shift. The arguments and results are those of
    ``torch.nn.functional.rms_norm``.

    Args:
        input: Floating point values of shape (..., normalized_shape).
        normalized_shape: The last dimensions, over which the mean square is taken.
        weight: Scale :math:`\gamma` of shape normalized_shape. None means 1.
        eps: Added to the mean square, at least 0. None means the machine epsilon of the type in
            which it is computed, float32 for half precision, as in PyTorch.

    Returns:
        The normalized values, with the shape and the dtype of the input.

    Raises:
        ValueError: If a shape or device does not fit, or eps is negative.
        TypeError: If the input is not floating point, or the dtype of the weight is neither that
            of the input nor float32 beside a half-precision input.

    Example:
        >>> rms_norm(torch.tensor([[1.0, 7.0], [-10.0, 70.0]]), [2], eps=0.0)
        tensor([[ 0.2000,  1.4000],
                [-0.2000,  1.4000]])

    Source:
        Zhang and Sennrich (2019), Root Mean Square Layer Normalization.

    Chapter:
        normalization_family
    """
    shape = tuple(normalized_shape)
    check_input("rms_norm", input, 0.0 if eps is None else eps)
    if not shape or tuple(input.shape[-len(shape) :]) != shape:
        raise ValueError(
            f"rms_norm: input must end in normalized_shape {shape} with at least one dimension, "
            f"got shape {tuple(input.shape)}"
        )
    check_parameters("rms_norm", input, shape, weight=weight)
    x = input.to(statistics_dtype(input))
    dims = tuple(range(-len(shape), 0))
    epsilon = torch.finfo(x.dtype).eps if eps is None else eps
    output = standardize(x, dims, epsilon, centre=False)
    if weight is not None:
        output = output * weight
    return output.to(input.dtype)


class RMSNorm(nn.Module):
    r"""RMS norm with a scale for each place, and no shift.

    .. math::
        y = \gamma \odot \frac{x}{\sqrt{\frac{1}{n} \sum_i x_i^2 + \epsilon}}

    It stands in for ``torch.nn.RMSNorm``: same arguments, results and ``state_dict``.

    Args:
        normalized_shape: The last dimensions of the input; a number for the last one alone.
        eps: Added to the mean square, at least 0. None means the machine epsilon of the type in
            which it is computed.
        elementwise_affine: Whether to learn the scale.
        device: Where the scale lies.
        dtype: Its floating point type.

    Raises:
        ValueError: If eps is negative or, in the call, if the input does not end in the shape.

    Example:
        >>> RMSNorm(2)(torch.tensor([[1.0, 7.0]])).detach().round(decimals=3)
        tensor([[0.2000, 1.4000]])

    Source:
        Zhang and Sennrich (2019), Root Mean Square Layer Normalization.

    Chapter:
        normalization_family
    """

    weight: Tensor | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if eps is not None and not eps >= 0:
            raise ValueError(f"RMSNorm: eps must be None or at least 0, got {eps}")
        self.normalized_shape = whole_numbers(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        scale = torch.empty(self.normalized_shape, device=device, dtype=dtype)
        self.register_parameter("weight", nn.Parameter(scale) if elementwise_affine else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the scale to 1."""
        if self.weight is not None:
            nn.init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        """Divide each sample by its own root mean square."""
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Options, as PyTorch prints them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )

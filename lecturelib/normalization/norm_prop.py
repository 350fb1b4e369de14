"""Normalization propagation: constants take the place of statistics."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .._device import fill
from .._precision import whole_numbers, widen
from ._checks import check_input
from .weight_norm import weight_norm

Activation = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class NormPropConstants:
    r"""What an activation :math:`\sigma` does to a standard normal :math:`Y`.

    Args:
        mean: :math:`c_2 = \mathbb{E}[\sigma(Y)]`.
        std: :math:`c_1 = \sqrt{\operatorname{Var}[\sigma(Y)]}`.
        squared_gain: :math:`\mathbb{E}[\sigma'(Y)^2] / c_1^2`, the diagonal of
            :math:`\mathbb{E}[J J^T]` for a layer whose weights have unit length.

    Example:
        >>> relu = normprop_constants(torch.relu)
        >>> print(f"{relu.std:.4f} {relu.mean:.4f} {relu.gain:.4f}")
        0.5838 0.3989 1.2112
    """

    mean: float
    std: float
    squared_gain: float

    @property
    def gain(self) -> float:
        """Root mean square of what the layer multiplies a gradient's components by."""
        return math.sqrt(self.squared_gain)


def normprop_constants(activation: Activation) -> NormPropConstants:
    r"""Integrate an activation against the standard normal density.

    .. math::
        c_2 = \mathbb{E}[\sigma(Y)], \qquad c_1 = \sqrt{\operatorname{Var}[\sigma(Y)]}, \qquad
        \frac{\mathbb{E}[\sigma'(Y)^2]}{c_1^2}, \qquad Y \sim \mathcal{N}(0, 1)

    By Gauss-Legendre quadrature in float64 with 16 nodes on each interval of length 1/2 from -12
    to 12. Kinks and jumps at multiples of 1/2, as those of ReLU at 0, fall between the intervals
    and cost nothing: the results have about 14 digits. A kink elsewhere costs about half of them.
    The derivative is that of autograd.

    Args:
        activation: Function of a tensor that acts on each value by itself.

    Returns:
        The constants.

    Raises:
        TypeError: If the function does not give a tensor.
        ValueError: If it changes the shape, is not finite, is constant, or has no derivative.

    Example:
        The constants of SELU were chosen to be 0 and 1.

        >>> selu = normprop_constants(torch.selu)
        >>> abs(selu.mean) < 1e-6, abs(selu.std - 1) < 1e-6
        (True, True)

    Source:
        Arpit et al. (2016), Normalization Propagation: the constants of ReLU and, for other
        activations, the same expectations.

    Chapter:
        normalization_family
    """
    y, weights = _gaussian_nodes()
    with torch.enable_grad():
        y = y.clone().requires_grad_()
        value = activation(y)
        if not isinstance(value, Tensor):
            raise TypeError(
                f"normprop_constants: activation must give a tensor, got {type(value).__name__}"
            )
        if value.shape != y.shape or not value.isfinite().all():
            raise ValueError(
                "normprop_constants: activation must give one finite value for each value, got "
                f"shape {tuple(value.shape)} for {tuple(y.shape)}"
            )
        if not value.requires_grad:
            raise ValueError("normprop_constants: activation has no derivative")
        (slope,) = torch.autograd.grad(value.sum(), y)
    value = value.detach()
    mean = weights @ value
    variance = weights @ (value - mean).square()
    if not variance > 1e-20 * (weights @ value.square()):
        raise ValueError("normprop_constants: activation is constant on normal inputs")
    squared_gain = weights @ slope.square() / variance
    return NormPropConstants(mean.item(), variance.sqrt().item(), squared_gain.item())


@functools.cache
def _gaussian_nodes() -> tuple[Tensor, Tensor]:
    """Nodes y and weights w with Σ w f(y) ≈ E[f(Y)], in float64 on the CPU."""
    import numpy as np

    nodes, weights = (torch.from_numpy(a) for a in np.polynomial.legendre.leggauss(16))
    centres = torch.arange(-11.75, 12, 0.5, dtype=torch.float64, device="cpu")
    y = (centres[:, None] + 0.25 * nodes).flatten()
    density = torch.exp(-y.square() / 2) / math.sqrt(2 * math.pi)
    return y, (0.25 * weights).repeat(len(centres)) * density


def norm_prop(
    input: Tensor, activation: Activation, *, constants: NormPropConstants | None = None
) -> Tensor:
    r"""Apply an activation, then remove the mean and scale that it gives a standard normal.

    .. math::
        o = \frac{\sigma(a) - c_2}{c_1}

    Where the pre-activations :math:`a` are standard normal, so far as mean and variance go, the
    outputs have mean 0 and variance 1 again, without a statistic of the data.

    Args:
        input: Pre-activations of any shape, floating point.
        activation: Function of a tensor that acts on each value by itself.
        constants: Those of the activation. None computes them.

    Returns:
        The normalized activations, with the shape and the dtype of the input.

    Raises:
        TypeError: If the input is not floating point.
        ValueError: As for :func:`normprop_constants`.

    Example:
        >>> norm_prop(torch.tensor([-1.0, 0.0, 1.0]), torch.relu)
        tensor([-0.6833, -0.6833,  1.0295])

    Source:
        Arpit et al. (2016), Normalization Propagation.

    Chapter:
        normalization_family
    """
    check_input("norm_prop", input, 0.0)
    c = normprop_constants(activation) if constants is None else constants
    return ((activation(widen(input)) - c.mean) / c.std).to(input.dtype)


class _NormProp(nn.Module):
    """What the layers share: parameters, constants, and all but the linear map."""

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(
        self, shape: tuple[int, ...], activation: Activation, device: Any, dtype: torch.dtype | None
    ) -> None:
        super().__init__()
        if min(shape) < 1:
            raise ValueError(f"{type(self).__name__}: all sizes must be at least 1, got {shape}")
        self.activation = activation
        self.constants = normprop_constants(activation)
        options = {"device": device, "dtype": dtype}
        self.weight = nn.Parameter(torch.empty(shape, **options))
        self.scale = nn.Parameter(torch.empty(shape[0], **options))
        self.bias = nn.Parameter(torch.empty(shape[0], **options))
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw a direction for each output, uniformly; set the scale to 1 and the shift to 0.

        Args:
            generator: Source of randomness; None for the global one.
        """
        with torch.no_grad():
            # Of length about 1, which no output depends on, but the step size of v does.
            std = self.weight[0].numel() ** -0.5
            fill(self.weight, lambda v: v.normal_(std=std, generator=generator), generator)
            nn.init.ones_(self.scale)
            nn.init.zeros_(self.bias)

    def normalized_weight(self) -> Tensor:
        """The weight with rows of length γ."""
        length = self.scale.view(-1, *[1] * (self.weight.ndim - 1))
        return weight_norm(self.weight, length)

    def _activate(self, input: Tensor) -> Tensor:
        return norm_prop(input, self.activation, constants=self.constants)


class NormPropLinear(_NormProp):
    r"""A linear layer and its activation, normalized by constants.

    .. math::
        o = \frac{1}{c_1} \left[ \sigma\Bigl( \frac{\gamma_i (W_i^T x)}{\lVert W_i \rVert_2} +
        \beta_i \Bigr) - c_2 \right]

    If x has mean 0 and identity covariance, the rows of W are nearly orthogonal to one another and
    their sums nearly normal, then so has o, nearly: it takes a normalized data set and passes its
    normalization on. There is nothing that differs between training and inference, and a batch of
    size 1 will do. At :math:`\gamma = 1` a gradient grows by ``constants.gain`` a layer; at
    :math:`\gamma = 1 / \text{gain}` it does not, but then the activations shrink.

    Args:
        in_features: Number of inputs.
        out_features: Number of outputs.
        activation: Function of a tensor that acts on each value by itself.
        device: Where the parameters lie.
        dtype: Their floating point type.

    Raises:
        ValueError: If a size is below 1 or the activation has no constants; in the call, if the
            input has another number of features.

    Example:
        >>> layer = NormPropLinear(512, 1000)
        >>> layer.reset_parameters(torch.Generator().manual_seed(0))
        >>> x = torch.randn(500, 512, generator=torch.Generator().manual_seed(1))
        >>> o = layer(x)
        >>> abs(o.mean().item()) < 0.05, abs(o.std().item() - 1) < 0.05
        (True, True)

    Source:
        Arpit et al. (2016), Normalization Propagation.

    Chapter:
        normalization_family
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        activation: Activation = torch.relu,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__((out_features, in_features), activation, device, dtype)
        self.in_features = in_features
        self.out_features = out_features

    def forward(self, input: Tensor) -> Tensor:
        """Map, activate, and remove the mean and scale of the activation."""
        if input.ndim < 1 or input.shape[-1] != self.in_features:
            raise ValueError(
                f"NormPropLinear: expected {self.in_features} features in the last dimension, got "
                f"shape {tuple(input.shape)}"
            )
        return self._activate(F.linear(input, self.normalized_weight(), self.bias))

    def extra_repr(self) -> str:
        """Sizes and the name of the activation."""
        return f"{self.in_features}, {self.out_features}, activation={_name(self.activation)}"


class NormPropConv2d(_NormProp):
    r"""A convolution and its activation, normalized by constants.

    .. math::
        o_i = \frac{1}{c_1} \left[ \sigma\Bigl( \frac{\gamma_i (W_i * x)}{\lVert W_i \rVert_F} +
        \beta_i \Bigr) - c_2 \right]

    As :class:`NormPropLinear`, with the Frobenius norm of each output's kernel. It assumes that the
    values under a kernel are uncorrelated, which neighbours in an image are not, and padding with
    zeros lowers the variance at the border.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Height and width of the kernel; a number for both.
        stride: As in ``torch.nn.Conv2d``.
        padding: Likewise.
        dilation: Likewise.
        groups: Likewise.
        activation: Function of a tensor that acts on each value by itself.
        device: Where the parameters lie.
        dtype: Their floating point type.

    Raises:
        ValueError: If a size is below 1, groups do not divide the channels, or the activation has
            no constants; in the call, if the input is not (N, C, H, W) with these channels.

    Example:
        >>> NormPropConv2d(3, 8, 3, padding=1)(torch.zeros(2, 3, 5, 5)).shape
        torch.Size([2, 8, 5, 5])

    Source:
        Arpit et al. (2016), Normalization Propagation, on convolutional layers.

    Chapter:
        normalization_family
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        activation: Activation = torch.relu,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"NormPropConv2d: groups must divide in_channels and out_channels, got {groups} "
                f"for {in_channels} and {out_channels}"
            )
        sizes = whole_numbers(kernel_size)
        size = (sizes[0], sizes[-1])
        super().__init__((out_channels, in_channels // groups, *size), activation, device, dtype)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        """Convolve, activate, and remove the mean and scale of the activation."""
        if input.ndim != 4 or input.shape[1] != self.in_channels:
            raise ValueError(
                f"NormPropConv2d: expected input (N, {self.in_channels}, H, W), got shape "
                f"{tuple(input.shape)}"
            )
        options: Any = (self.stride, self.padding, self.dilation, self.groups)
        return self._activate(F.conv2d(input, self.normalized_weight(), self.bias, *options))

    def extra_repr(self) -> str:
        """Sizes and the name of the activation."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}, activation={_name(self.activation)}"
        )


def _name(function: Activation) -> str:
    return getattr(function, "__name__", type(function).__name__)

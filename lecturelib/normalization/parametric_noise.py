"""Parametric noise injection: noise on the weights whose size is learned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .._scale import standard_deviation
from ._checks import statistics_dtype
from ._wrapping import ParametrizedLayer, check_layer_parameter

GRANULARITIES = ("layer", "channel", "element")


def parametric_noise(
    weight: Tensor, scale: Tensor, *, generator: torch.Generator | None = None
) -> Tensor:
    r"""Add noise to a weight, of the weight's own standard deviation times a trainable scale.

    .. math::
        \tilde w = w + \alpha \odot \eta, \qquad \eta \sim \mathcal{N}(0, \sigma_w^2), \qquad
        \sigma_w^2 = \frac{1}{N} \sum_i (w_i - \bar w)^2

    The standard deviation is that of the whole tensor and counts as a constant, so that the
    gradient of w passes as it is, and that of :math:`\alpha` is the noise times the gradient of
    :math:`\tilde w`. (Implementations that divide by N - 1 differ by next to nothing.)

    Args:
        weight: The weight, floating point, not empty.
        scale: :math:`\alpha`, of a shape that broadcasts to that of the weight.
        generator: Source of randomness, on any device; None for the global one of the weight's.

    Returns:
        The noisy weight, with the shape and the dtype of the weight.

    Raises:
        TypeError: If the weight is not floating point, or the scale has another dtype.
        ValueError: If the scale does not broadcast to the weight, or the weight is empty.

    Example:
        >>> w = torch.tensor([[1.0, -1.0]])  # standard deviation 1
        >>> a, b = (torch.Generator().manual_seed(0) for _ in range(2))
        >>> noise = parametric_noise(w, torch.tensor(0.5), generator=a) - w
        >>> torch.allclose(noise, 0.5 * torch.randn(1, 2, generator=b))
        True

    Source:
        He, Rakin and Fan (2019), Parametric Noise Injection.

    Chapter:
        normalization_family
    """
    if not weight.is_floating_point():
        raise TypeError(f"parametric_noise: weight must be floating point, got {weight.dtype}")
    if scale.dtype != weight.dtype:
        raise TypeError(
            f"parametric_noise: scale must be {weight.dtype} like weight, got {scale.dtype}"
        )
    if weight.numel() == 0:
        raise ValueError(f"parametric_noise: weight is empty, shape {tuple(weight.shape)}")
    fits = len(scale.shape) <= weight.ndim and all(
        a in (1, b) for a, b in zip(scale.shape[::-1], weight.shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"parametric_noise: scale must broadcast to the weight's shape {tuple(weight.shape)}, "
            f"got {tuple(scale.shape)}"
        )
    device = weight.device if generator is None else generator.device
    dtype = statistics_dtype(weight)
    normal = torch.randn(weight.shape, generator=generator, device=device, dtype=dtype)
    std = standard_deviation(weight.detach())
    return weight + scale * (std * normal.to(weight.device)).to(weight.dtype)


class ParametricNoise(ParametrizedLayer):
    r"""A layer whose weight gets fresh noise at each use, of a size that is learned.

    .. math::
        \tilde w = w + \alpha \odot \eta, \qquad \eta \sim \mathcal{N}(0, \sigma_w^2)

    The noise is there in training and at inference, as its authors have it: it is meant to blunt
    an attack. So two calls differ, and an attacker must average over draws. ``noisy = False`` turns
    it off.

    Args:
        module: The layer. Its weight is replaced, in place, by the noisy one.
        granularity: "layer" for one :math:`\alpha`, "channel" for one an output, "element" for one
            a weight.
        name: Name of the parameter.
        initial: Where :math:`\alpha` starts.
        generator: Source of randomness, on any device; None for the global one of the weight's.

    Raises:
        TypeError: If the parameter is not floating point.
        ValueError: If the layer has no such parameter, it is parametrized already, or the
            granularity is unknown.

    Example:
        >>> layer = ParametricNoise(nn.Linear(3, 2), "channel")
        >>> layer.scale.shape
        torch.Size([2, 1])
        >>> x = torch.ones(1, 3)
        >>> torch.equal(layer(x), layer(x))
        False
        >>> layer.noisy = False
        >>> torch.equal(layer(x), layer(x))
        True

    Source:
        He, Rakin and Fan (2019), Parametric Noise Injection. The start of 0.25 is that of public
        implementations, not checked against the paper.

    Chapter:
        normalization_family
    """

    def __init__(
        self,
        module: nn.Module,
        granularity: str = "layer",
        *,
        name: str = "weight",
        initial: float = 0.25,
        generator: torch.Generator | None = None,
    ) -> None:
        weight = check_layer_parameter("ParametricNoise", module, name)
        if granularity not in GRANULARITIES:
            raise ValueError(
                f"ParametricNoise: granularity must be one of {GRANULARITIES}, got {granularity!r}"
            )
        shape = {
            "layer": (),
            "channel": (*weight.shape[:1], *[1] * (weight.ndim - 1)),
            "element": tuple(weight.shape),
        }[granularity]
        scale = torch.full(shape, initial, device=weight.device, dtype=weight.dtype)
        super().__init__(module, name, _Noise(scale, generator))
        self.granularity = granularity

    @property
    def _noise(self) -> Any:
        return self.module.parametrizations[self.name][0]  # type: ignore

    @property
    def scale(self) -> Tensor:
        """The trainable scale α, a parameter."""
        value: Tensor = self._noise.scale
        return value

    @property
    def weight(self) -> Tensor:
        """The weight without noise, a parameter."""
        value: Tensor = self.module.parametrizations[self.name].original  # type: ignore
        return value

    @property
    def noisy(self) -> bool:
        """Whether the noise is on."""
        return bool(self._noise.noisy)

    @noisy.setter
    def noisy(self, on: bool) -> None:
        self._noise.noisy = on

    def extra_repr(self) -> str:
        """Options."""
        return f"granularity={self.granularity}, name={self.name!r}, noisy={self.noisy}"


class _Noise(nn.Module):
    """The parametrization."""

    def __init__(self, scale: Tensor, generator: torch.Generator | None) -> None:
        super().__init__()
        self.scale = nn.Parameter(scale)
        self.generator = generator
        self.noisy = True

    def forward(self, weight: Tensor) -> Tensor:
        if not self.noisy:
            return weight
        return parametric_noise(weight, self.scale, generator=self.generator)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight

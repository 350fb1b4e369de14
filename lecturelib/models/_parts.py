"""What the networks are built of: activation, normalization by name, He's weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as TorchBatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm as TorchInstanceNorm

from lecturelib import activations
from lecturelib._device import fill
from lecturelib.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    IndependentComponent,
    InstanceNorm2d,
    LayerNorm,
    RMSNorm,
)
from lecturelib.normalization.batch_norm_modules import BatchNorm

Factory = Callable[[int], nn.Module]
Norm = str | Factory | None
Function = str | activations.Activation
Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)
POSITIONS = ("before", "after")


class Activation(nn.Module):
    """A function as a module, so that it can stand in ``nn.Sequential`` and show its name.

    Args:
        function: A name in ``activations.ACTIVATIONS``, or a function of a tensor.

    Raises:
        ValueError: If there is no activation of that name.

    Example:
        >>> Activation("relu")
        Activation(relu)
    """

    def __init__(self, function: Function) -> None:
        super().__init__()
        if isinstance(function, str):
            if function not in activations.ACTIVATIONS:
                known = ", ".join(sorted(activations.ACTIVATIONS))
                raise ValueError(f"Activation: unknown name {function!r}; known are {known}")
            self.name = function
            self.function = activations.ACTIVATIONS[function]
        else:
            self.name = getattr(function, "__name__", type(function).__name__)
            self.function = function

    def forward(self, input: Tensor) -> Tensor:
        """Apply the function."""
        return self.function(input)

    def extra_repr(self) -> str:
        """Name of the function."""
        return self.name


def one_group(channels: int) -> nn.Module:
    """Layer norm of an image of any size: PyTorch has it as group norm with a single group."""
    return nn.GroupNorm(1, channels)


def groups_of_four(channels: int) -> nn.Module:
    """Group norm with as many groups as can be, up to 32, of at least four channels each."""
    most = max(1, min(32, channels // 4))
    return GroupNorm(max(g for g in range(1, most + 1) if channels % g == 0), channels)


def instance(channels: int) -> nn.Module:
    """Instance norm with a scale and a shift for each channel, as the other norms have them."""
    return InstanceNorm2d(channels, affine=True)


FEATURE_NORMS: dict[str, Factory] = {
    "batch": BatchNorm1d,
    "group": groups_of_four,
    "layer": LayerNorm,
    "rms": RMSNorm,
}
IMAGE_NORMS: dict[str, Factory] = {
    "batch": BatchNorm2d,
    "group": groups_of_four,
    "instance": instance,
    "layer": one_group,
}
SUBTRACT_THE_MEAN = (
    BatchNorm,
    IndependentComponent,
    InstanceNorm2d,
    TorchBatchNorm,
    TorchInstanceNorm,
)
"""Norms that take from each channel its own mean, and with it a bias."""


def make_norm(call: str, norm: Norm, size: int, factories: dict[str, Factory]) -> nn.Module | None:
    """The layer that ``norm`` names, for ``size`` features or channels; None for None."""
    if not isinstance(norm, str):
        return None if norm is None else norm(size)
    if norm not in factories:
        raise ValueError(f"{call}: norm must be one of {sorted(factories)}, got {norm!r}")
    return factories[norm](size)


def subtracts_mean(norm_layer: nn.Module | None) -> bool:
    """Whether a bias before this layer would have no effect."""
    return isinstance(norm_layer, SUBTRACT_THE_MEAN)


def he(layer: Layer, generator: torch.Generator | None) -> Layer:
    """Draw the weights from N(0, 2/n_in), and set the bias to 0."""
    draw = partial(nn.init.kaiming_normal_, nonlinearity="relu", generator=generator)
    with torch.no_grad():
        fill(layer.weight, draw, generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def conv3x3(
    in_channels: int,
    out_channels: int,
    *,
    norm_layer: nn.Module | None,
    stride: int = 1,
    generator: torch.Generator | None,
) -> nn.Conv2d:
    """A 3×3 convolution that keeps the size; it has no bias if the norm after it removes one."""
    bias = not subtracts_mean(norm_layer)
    conv = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=bias)
    return he(conv, generator)


def add_block(
    model: nn.Sequential,
    i: int,
    norm_layer: nn.Module | None,
    activation: Activation,
    norm_position: str,
    dropout: float,
) -> None:
    """Append ``norm{i}``, ``activation{i}`` and ``dropout{i}`` to a chain of layers."""
    if norm_layer is not None and norm_position == "before":
        model.add_module(f"norm{i}", norm_layer)
    model.add_module(f"activation{i}", activation)
    if norm_layer is not None and norm_position == "after":
        model.add_module(f"norm{i}", norm_layer)
    if dropout > 0:
        model.add_module(f"dropout{i}", nn.Dropout(dropout))


def add_head(
    model: nn.Sequential, channels: int, out_features: int, generator: torch.Generator | None
) -> None:
    """Append the mean over all places (``pool``) and the linear layer ``output``."""
    model.add_module("pool", nn.AdaptiveAvgPool2d(1))
    model.add_module("flatten", nn.Flatten())
    model.add_module("output", he(nn.Linear(channels, out_features), generator))


def check(call: str, norm_position: str, dropout: float, *sizes: int) -> None:
    """Raise a ValueError unless position, probability and sizes are in range."""
    if norm_position not in POSITIONS:
        raise ValueError(f"{call}: norm_position must be one of {POSITIONS}, got {norm_position!r}")
    if not 0 <= dropout <= 1:
        raise ValueError(f"{call}: dropout must lie in [0, 1], got {dropout}")
    if min(sizes) < 1:
        raise ValueError(f"{call}: all sizes must be at least 1, got {list(sizes)}")

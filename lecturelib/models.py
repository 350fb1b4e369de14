"""Small networks whose normalization and activation are arguments."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from . import activations, normalization
from .normalization.batch_norm_modules import _BatchNorm

NormFactory = Callable[[int], nn.Module]
Norm = Literal["batch", "layer"] | NormFactory | None


class Activation(nn.Module):
    """A module that applies a function, by its name in ``ACTIVATIONS`` or as it is."""

    def __init__(self, function: str | activations.Activation) -> None:
        super().__init__()
        if isinstance(function, str):
            if function not in activations.ACTIVATIONS:
                known = ", ".join(sorted(activations.ACTIVATIONS))
                raise ValueError(f"Activation: unknown name {function!r}, known are {known}")
            self.name, self.function = function, activations.ACTIVATIONS[function]
        else:
            self.name = getattr(function, "__name__", type(function).__name__)
            self.function = function

    def forward(self, input: Tensor) -> Tensor:
        """Apply the function."""
        return self.function(input)

    def extra_repr(self) -> str:
        """Name of the function."""
        return self.name


def mlp(
    in_features: int,
    hidden: Sequence[int],
    out_features: int,
    *,
    norm: Norm = None,
    activation: str | activations.Activation = "relu",
    norm_position: str = "before",
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """Build a fully connected network of named layers linear1, norm1, activation1, …, output."""
    factories = {
        "batch": normalization.BatchNorm1d,
        "layer": normalization.LayerNorm,
    }
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    width = in_features
    for i, size in enumerate(hidden, start=1):
        normalize = None if norm is None else (factories[norm] if isinstance(norm, str) else norm)(size)
        layers[f"linear{i}"] = _he_init(
            nn.Linear(width, size, bias=_needs_bias(normalize, norm_position)), generator
        )
        _add_block(layers, i, normalize, Activation(activation), norm_position, dropout)
        width = size
    layers["output"] = _he_init(nn.Linear(width, out_features), generator)
    return nn.Sequential(layers)


def convnet(
    in_channels: int,
    channels: Sequence[int],
    out_features: int,
    *,
    norm: Norm = None,
    activation: str | activations.Activation = "relu",
    norm_position: str = "before",
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """Build a convolutional network: blocks of 3×3 convolutions, then average pooling."""
    factories: dict[str, NormFactory] = {
        "batch": normalization.BatchNorm2d,
        "layer": lambda size: nn.GroupNorm(1, size),
    }
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    width = in_channels
    for i, size in enumerate(channels, start=1):
        normalize = None if norm is None else (factories[norm] if isinstance(norm, str) else norm)(size)
        bias = _needs_bias(normalize, norm_position)
        layers[f"conv{i}"] = _he_init(nn.Conv2d(width, size, 3, padding=1, bias=bias), generator)
        _add_block(layers, i, normalize, Activation(activation), norm_position, dropout)
        if i < len(channels):
            layers[f"pool{i}"] = nn.MaxPool2d(2)
        width = size
    layers["pool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["output"] = _he_init(nn.Linear(width, out_features), generator)
    return nn.Sequential(layers)


def _add_block(layers, i, normalize, activation, norm_position, dropout):  # type: ignore
    if normalize is not None and norm_position == "before":
        layers[f"norm{i}"] = normalize
    layers[f"activation{i}"] = activation
    if normalize is not None and norm_position == "after":
        layers[f"norm{i}"] = normalize
    if dropout:
        layers[f"dropout{i}"] = nn.Dropout(dropout)


def _needs_bias(normalize: nn.Module | None, norm_position: str) -> bool:
    batch = (_BatchNorm, nn.modules.batchnorm._BatchNorm, normalization.IndependentComponent)
    return not (norm_position == "before" and isinstance(normalize, batch))


def _he_init(layer: nn.Linear | nn.Conv2d, generator: torch.Generator | None) -> nn.Module:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer

"""Small networks whose normalization, activation and their order are arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as TorchBatchNorm

from . import activations
from .normalization import BatchNorm1d, BatchNorm2d, IndependentComponent, LayerNorm
from .normalization.batch_norm_modules import BatchNorm

Factory = Callable[[int], nn.Module]
Factories = dict[str, Factory]
Norm = str | Factory | None
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

    def __init__(self, function: str | activations.Activation) -> None:
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
    r"""Make a fully connected network.

    Each hidden block i is ``linear{i}``, ``norm{i}``, ``activation{i}``, ``dropout{i}``, or with
    ``norm_position="after"`` ``linear{i}``, ``activation{i}``, ``norm{i}``, ``dropout{i}``; a last
    linear layer ``output`` gives logits. Reach them by name, as in ``model.norm1``, or by index.

    Weights are drawn from He's normal distribution, :math:`\mathcal N(0, 2 / n_{in})`, biases are
    0. A linear layer has no bias if batch norm follows at once, which would subtract it.

    Args:
        in_features: Number of inputs.
        hidden: Width of each hidden layer; an empty sequence makes a linear model.
        out_features: Number of outputs.
        norm: None, "batch", "layer", or what makes a module from a number of features.
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        norm_position: "before" or "after" the activation.
        dropout: Probability with which a hidden value is dropped, in [0, 1]; 0 adds no layer.
        generator: Draws the weights; None takes PyTorch's global one.

    Returns:
        The network, in training mode.

    Raises:
        ValueError: If a size, name, position or probability is out of range.

    Example:
        >>> mlp(64, [32], 10, norm="batch")
        Sequential(
          (linear1): Linear(in_features=64, out_features=32, bias=False)
          (norm1): BatchNorm1d(32, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
          (activation1): Activation(relu)
          (output): Linear(in_features=32, out_features=10, bias=True)
        )

    Source:
        He et al. (2015), Delving Deep into Rectifiers, equation 10, for the weights.

    Chapter:
        batch_norm
    """
    _check("mlp", norm_position, dropout, in_features, *hidden, out_features)
    model = nn.Sequential()
    width = in_features
    for i, size in enumerate(hidden, start=1):
        norm_layer = _make_norm("mlp", norm, size, {"batch": BatchNorm1d, "layer": LayerNorm})
        bias = not (norm_position == "before" and _subtracts_mean(norm_layer))
        model.add_module(f"linear{i}", _he(nn.Linear(width, size, bias=bias), generator))
        _add_block(model, i, norm_layer, Activation(activation), norm_position, dropout)
        width = size
    model.add_module("output", _he(nn.Linear(width, out_features), generator))
    return model


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
    r"""Make a convolutional network for images (N, in_channels, H, W).

    Each block i is ``conv{i}`` (3×3, padded to keep the size), then ``norm{i}``, ``activation{i}``
    and ``dropout{i}`` as in :func:`mlp`. Between blocks ``pool{i}`` halves height and width. After
    the last one the mean over all places (``pool``) goes into the linear layer ``output``. So n
    blocks need images of at least 2^(n-1) pixels a side.

    Args:
        in_channels: Channels of the image.
        channels: Channels of each block, at least one.
        out_features: Number of outputs.
        norm: None, "batch", "layer" (all of an image's values together, with a scale and a shift
            for each channel), or what makes a module from a number of channels.
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        norm_position: "before" or "after" the activation.
        dropout: Probability with which a value is dropped, in [0, 1]; 0 adds no layer.
        generator: Draws the weights; None takes PyTorch's global one.

    Returns:
        The network, in training mode.

    Raises:
        ValueError: If a size, name, position or probability is out of range.

    Example:
        >>> convnet(1, [8, 16], 10, norm="batch")(torch.zeros(2, 1, 8, 8)).shape
        torch.Size([2, 10])

    Source:
        He et al. (2015), Delving Deep into Rectifiers, equation 10, for the weights.

    Chapter:
        batch_norm
    """
    _check("convnet", norm_position, dropout, in_channels, *channels, out_features)
    if not channels:
        raise ValueError("convnet: channels must name at least one block, got none")
    factories: Factories = {"batch": BatchNorm2d, "layer": _one_group}
    model = nn.Sequential()
    width = in_channels
    for i, size in enumerate(channels, start=1):
        norm_layer = _make_norm("convnet", norm, size, factories)
        bias = not (norm_position == "before" and _subtracts_mean(norm_layer))
        conv = nn.Conv2d(width, size, kernel_size=3, padding=1, bias=bias)
        model.add_module(f"conv{i}", _he(conv, generator))
        _add_block(model, i, norm_layer, Activation(activation), norm_position, dropout)
        if i < len(channels):
            model.add_module(f"pool{i}", nn.MaxPool2d(2))
        width = size
    model.add_module("pool", nn.AdaptiveAvgPool2d(1))
    model.add_module("flatten", nn.Flatten())
    model.add_module("output", _he(nn.Linear(width, out_features), generator))
    return model


def _add_block(
    model: nn.Sequential,
    i: int,
    norm_layer: nn.Module | None,
    activation: Activation,
    norm_position: str,
    dropout: float,
) -> None:
    if norm_layer is not None and norm_position == "before":
        model.add_module(f"norm{i}", norm_layer)
    model.add_module(f"activation{i}", activation)
    if norm_layer is not None and norm_position == "after":
        model.add_module(f"norm{i}", norm_layer)
    if dropout > 0:
        model.add_module(f"dropout{i}", nn.Dropout(dropout))


def _make_norm(call: str, norm: Norm, size: int, factories: Factories) -> nn.Module | None:
    if not isinstance(norm, str):
        return None if norm is None else norm(size)
    if norm not in factories:
        raise ValueError(f"{call}: norm must be one of {sorted(factories)}, got {norm!r}")
    return factories[norm](size)


def _one_group(channels: int) -> nn.Module:
    """Layer norm of an image of any size: PyTorch has it as group norm with a single group."""
    return nn.GroupNorm(1, channels)


def _subtracts_mean(norm_layer: nn.Module | None) -> bool:
    """Whether a bias before this layer would have no effect."""
    return isinstance(norm_layer, (BatchNorm, TorchBatchNorm, IndependentComponent))


def _he(layer: nn.Linear | nn.Conv2d, generator: torch.Generator | None) -> nn.Module:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _check(call: str, norm_position: str, dropout: float, *sizes: int) -> None:
    if norm_position not in POSITIONS:
        raise ValueError(f"{call}: norm_position must be one of {POSITIONS}, got {norm_position!r}")
    if not 0 <= dropout <= 1:
        raise ValueError(f"{call}: dropout must lie in [0, 1], got {dropout}")
    if min(sizes) < 1:
        raise ValueError(f"{call}: all sizes must be at least 1, got {list(sizes)}")

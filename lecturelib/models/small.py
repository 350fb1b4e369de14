"""Small networks whose normalization, activation and their order are arguments."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from lecturelib.models._parts import (
    FEATURE_NORMS,
    IMAGE_NORMS,
    Activation,
    Function,
    Norm,
    add_block,
    add_head,
    check,
    conv3x3,
    he,
    make_norm,
    subtracts_mean,
)


def mlp(
    in_features: int,
    hidden: Sequence[int],
    out_features: int,
    *,
    norm: Norm = None,
    activation: Function = "relu",
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
        norm: None, "batch", "group" (at most 32 groups, of four features or more), "layer", "rms",
            or what makes a module from a number of features.
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
    check("mlp", norm_position, dropout, in_features, *hidden, out_features)
    model = nn.Sequential()
    width = in_features
    for i, size in enumerate(hidden, start=1):
        norm_layer = make_norm("mlp", norm, size, FEATURE_NORMS)
        bias = not (norm_position == "before" and subtracts_mean(norm_layer))
        model.add_module(f"linear{i}", he(nn.Linear(width, size, bias=bias), generator))
        add_block(model, i, norm_layer, Activation(activation), norm_position, dropout)
        width = size
    model.add_module("output", he(nn.Linear(width, out_features), generator))
    return model


def convnet(
    in_channels: int,
    channels: Sequence[int],
    out_features: int,
    *,
    norm: Norm = None,
    activation: Function = "relu",
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
        norm: None, "batch", "group" (at most 32 groups, of four channels or more), "instance",
            "layer" (all of an image's values together, with a scale and a shift for each channel),
            or what makes a module from a number of channels.
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
    check("convnet", norm_position, dropout, in_channels, *channels, out_features)
    if not channels:
        raise ValueError("convnet: channels must name at least one block, got none")
    model = nn.Sequential()
    width = in_channels
    for i, size in enumerate(channels, start=1):
        norm_layer = make_norm("convnet", norm, size, IMAGE_NORMS)
        follows = norm_layer if norm_position == "before" else None
        conv = conv3x3(width, size, norm_layer=follows, generator=generator)
        model.add_module(f"conv{i}", conv)
        add_block(model, i, norm_layer, Activation(activation), norm_position, dropout)
        if i < len(channels):
            model.add_module(f"pool{i}", nn.MaxPool2d(2))
        width = size
    add_head(model, width, out_features, generator)
    return model

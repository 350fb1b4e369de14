"""VGG for images of 32×32 pixels: convolutions of 3×3, five times halved."""

from __future__ import annotations

import torch
from torch import nn

from lecturelib.models._parts import (
    IMAGE_NORMS,
    Activation,
    Function,
    Norm,
    add_block,
    add_head,
    check,
    conv3x3,
    make_norm,
)

# Convolutions in each of the five stages; columns A, B, D and E of table 1 of the paper.
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS = (1, 2, 4, 8, 8)  # channels of a stage, in multiples of the first


def vgg(
    depth: int,
    out_features: int = 10,
    *,
    in_channels: int = 3,
    width: int = 64,
    norm: Norm = None,
    activation: Function = "relu",
    norm_position: str = "before",
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    r"""Make a VGG network for images (N, in_channels, 32, 32).

    Five stages of 3×3 convolutions with 1, 2, 4, 8 and 8 times ``width`` channels, each closed by
    a max pooling that halves height and width. Layers have the names that they have in
    :func:`convnet`: ``conv{i}``, ``norm{i}``, ``activation{i}``, ``dropout{i}`` for each
    convolution, ``pool{j}`` for each stage, at the end ``pool``, ``flatten`` and ``output``.

    The two hidden layers of 4,096 units that the paper has for images of 224 pixels are left out,
    as is usual at 32 pixels; ``depth`` counts them all the same, so that VGG-16 has 13
    convolutions. Larger images work too, smaller ones do not.

    Args:
        depth: 11, 13, 16 or 19.
        out_features: Number of outputs.
        in_channels: Channels of the image.
        width: Channels of the first stage.
        norm: None, "batch", "group" (at most 32 groups, of four channels or more), "instance",
            "layer" (all of an image's values together, with a scale and a shift for each channel),
            or what makes a module from a number of channels.
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        norm_position: "before" or "after" the activation.
        dropout: Probability with which a value is dropped, in [0, 1]; 0 adds no layer.
        generator: Draws the weights, :math:`\mathcal N(0, 2 / n_{in})`; None takes PyTorch's
            global one.

    Returns:
        The network, in training mode.

    Raises:
        ValueError: If a depth, size, name, position or probability is out of range.

    Example:
        >>> vgg(11, norm="batch", width=8)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])

    Source:
        Simonyan and Zisserman (2015), Very Deep Convolutional Networks, table 1.

    Chapter:
        loss_smoothness
    """
    if depth not in STAGES:
        raise ValueError(f"vgg: depth must be one of {list(STAGES)}, got {depth}")
    check("vgg", norm_position, dropout, in_channels, width, out_features)
    model = nn.Sequential()
    channels, i = in_channels, 0
    for stage, (count, multiple) in enumerate(zip(STAGES[depth], WIDTHS, strict=True), start=1):
        for _ in range(count):
            i += 1
            norm_layer = make_norm("vgg", norm, multiple * width, IMAGE_NORMS)
            follows = norm_layer if norm_position == "before" else None
            conv = conv3x3(channels, multiple * width, norm_layer=follows, generator=generator)
            model.add_module(f"conv{i}", conv)
            add_block(model, i, norm_layer, Activation(activation), norm_position, dropout)
            channels = multiple * width
        model.add_module(f"pool{stage}", nn.MaxPool2d(2))
    add_head(model, channels, out_features, generator)
    return model

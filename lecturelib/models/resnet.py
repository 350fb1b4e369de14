"""Residual networks for images of 32×32 pixels, with and without their skip connections."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.models._parts import (
    IMAGE_NORMS,
    Activation,
    Function,
    Norm,
    add_head,
    check,
    conv3x3,
    make_norm,
)


class ResidualBlock(nn.Module):
    r"""Two convolutions whose input is added to their output: :math:`y = \phi(x + f(x))`.

    :math:`f` is ``conv1``, ``norm1``, ``activation1``, ``conv2``, ``norm2``; :math:`\phi` is
    ``activation2``. Where the block halves the size or has more channels than its input, every
    second place of ``x`` is added, and zeros in the new channels (option A of the paper), so that a
    skip connection has no parameters.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output, at least as many.
        stride: Step of the first convolution; 2 halves height and width.
        skip: Whether ``x`` is added; without it :math:`y = \phi(f(x))`.
        norm: None, "batch", "group", "instance", "layer", or what makes a module from a number of
            channels.
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        generator: Draws the weights.

    Raises:
        ValueError: If a size or name is out of range.

    Example:
        >>> ResidualBlock(4, 8, stride=2)(torch.zeros(1, 4, 6, 6)).shape
        torch.Size([1, 8, 3, 3])

    Source:
        He et al. (2016), Deep Residual Learning, equation 1 and section 4.2.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        skip: bool = True,
        norm: Norm = "batch",
        activation: Function = "relu",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        check("ResidualBlock", "before", 0.0, in_channels, out_channels, stride)
        if out_channels < in_channels:
            raise ValueError(
                "ResidualBlock: out_channels must be at least in_channels, "
                f"got {out_channels} and {in_channels}"
            )
        self.stride, self.new_channels, self.skip = stride, out_channels - in_channels, skip
        norm1 = make_norm("ResidualBlock", norm, out_channels, IMAGE_NORMS)
        norm2 = make_norm("ResidualBlock", norm, out_channels, IMAGE_NORMS)
        self.conv1 = conv3x3(
            in_channels, out_channels, norm_layer=norm1, stride=stride, generator=generator
        )
        self.norm1 = norm1 or nn.Identity()
        self.activation1 = Activation(activation)
        self.conv2 = conv3x3(out_channels, out_channels, norm_layer=norm2, generator=generator)
        self.norm2 = norm2 or nn.Identity()
        self.activation2 = Activation(activation)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the block to images (N, in_channels, H, W)."""
        h = self.norm2(self.conv2(self.activation1(self.norm1(self.conv1(input)))))
        return self.activation2(h + self.shortcut(input) if self.skip else h)

    def shortcut(self, input: Tensor) -> Tensor:
        """What is added: the input at every ``stride``-th place, with zeros for new channels."""
        x = input[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.new_channels)) if self.new_channels else x

    def extra_repr(self) -> str:
        """Whether the input is added."""
        return f"skip={self.skip}"


def resnet(
    depth: int,
    out_features: int = 10,
    *,
    in_channels: int = 3,
    width: int = 16,
    skip: bool = True,
    norm: Norm = "batch",
    activation: Function = "relu",
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    r"""Make a residual network for images (N, in_channels, 32, 32).

    A first convolution (``conv``, ``norm``, ``activation``), three stages of
    :math:`n = (\mathrm{depth} - 2) / 6` blocks with ``width``, 2·``width`` and 4·``width`` channels
    (``stage{s}_block{b}``, each a :class:`ResidualBlock`), of which stages 2 and 3 halve height and
    width, then ``pool``, ``flatten`` and ``output``. ResNet-20, -56 and -110 have 0.27, 0.85 and
    1.7 million parameters.

    The skip connections have no parameters, so a network with ``skip=False`` starts from the same
    weights as one with them from a generator in the same state.

    Args:
        depth: 6n + 2, such as 20, 32, 44, 56 and 110: the layers with weights.
        out_features: Number of outputs.
        in_channels: Channels of the image.
        width: Channels of the first stage.
        skip: Whether the blocks have their skip connections. False gives the plain networks of
            He et al., the networks "without skip connections" of Li et al. (2018).
        norm: None, "batch", "group" (at most 32 groups, of four channels or more), "instance",
            "layer" (all of an image's values together, with a scale and a shift for each channel),
            or what makes a module from a number of channels.
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        generator: Draws the weights, :math:`\mathcal N(0, 2 / n_{in})`; None takes PyTorch's
            global one.

    Returns:
        The network, in training mode.

    Raises:
        ValueError: If a depth, size or name is out of range.

    Example:
        >>> resnet(8, width=4)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])

    Source:
        He et al. (2016), Deep Residual Learning, section 4.2; Li et al. (2018), Visualizing the
        Loss Landscape of Neural Nets, for the networks without skip connections.

    Chapter:
        loss_smoothness
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"resnet: depth must be 6n + 2 and at least 8, got {depth}")
    check("resnet", "before", 0.0, in_channels, width, out_features)
    model = nn.Sequential()
    norm_layer = make_norm("resnet", norm, width, IMAGE_NORMS)
    model.add_module(
        "conv", conv3x3(in_channels, width, norm_layer=norm_layer, generator=generator)
    )
    if norm_layer is not None:
        model.add_module("norm", norm_layer)
    model.add_module("activation", Activation(activation))
    channels = width
    for stage in (1, 2, 3):
        for block in range(1, (depth - 2) // 6 + 1):
            out_channels = width * 2 ** (stage - 1)
            layer = ResidualBlock(
                channels,
                out_channels,
                stride=1 if stage == 1 or block > 1 else 2,
                skip=skip,
                norm=norm,
                activation=activation,
                generator=generator,
            )
            model.add_module(f"stage{stage}_block{block}", layer)
            channels = out_channels
    add_head(model, channels, out_features, generator)
    return model

"""A fully connected residual network without normalization, and its block."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lecturelib.models._parts import Activation, Function, check, he

STARTS = ("he", "scaled", "zero")


class ResidualUnit(nn.Module):
    r"""Two linear layers beside a skip connection: :math:`y = x + \alpha f(x)`.

    .. math::
        f(x) = V\, \phi\bigl(W \phi(x) + b\bigr) + c

    :math:`\phi` stands in front of each layer ("pre-activation"), so that nothing stands on the way
    from block to block. Layers are ``linear1`` (W, b) and ``linear2`` (V, c), of He's weights.

    Args:
        features: Width of input, output and hidden layer.
        skip: Whether ``x`` is added; without it :math:`y = f(x)`.
        scale: :math:`\alpha`; it has no effect without the skip connection.
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        generator: Draws the weights.

    Raises:
        ValueError: If a size, name or scale is out of range.

    Example:
        >>> ResidualUnit(4, scale=0.0)(torch.tensor([[1.0, -2.0, 3.0, 0.5]]))
        tensor([[ 1.0000, -2.0000,  3.0000,  0.5000]], grad_fn=<AddBackward0>)

    Source:
        He et al. (2016), Identity Mappings in Deep Residual Networks, figure 1b without its norms.
    """

    def __init__(
        self,
        features: int,
        *,
        skip: bool = True,
        scale: float = 1.0,
        activation: Function = "relu",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        check("ResidualUnit", "before", 0.0, features)
        if not math.isfinite(scale):
            raise ValueError(f"ResidualUnit: scale must be finite, got {scale}")
        self.skip, self.scale = skip, scale
        self.activation = Activation(activation)
        self.linear1 = he(nn.Linear(features, features), generator)
        self.linear2 = he(nn.Linear(features, features), generator)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the block to (..., features)."""
        f = self.linear2(self.activation(self.linear1(self.activation(input))))
        return input + self.scale * f if self.skip else f

    def extra_repr(self) -> str:
        """Whether the input is added, and the scale of the branch."""
        return f"skip={self.skip}, scale={self.scale:g}"


def residual_mlp(
    in_features: int,
    width: int,
    blocks: int,
    out_features: int,
    *,
    skip: bool = True,
    start: str = "scaled",
    activation: Function = "relu",
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    r"""Make a fully connected residual network without normalization.

    A first layer (``input``), M blocks (``block1`` … , each a :class:`ResidualUnit`), then
    ``activation`` and ``output``: 2M + 2 layers with weights. With ``skip=False`` it is the plain
    network of the same weights.

    Without normalization the start decides how deep such a network can be. ``"he"``: He's weights
    in all blocks; the mean square of what the blocks hand on doubles with each. ``"scaled"``: the
    same, with :math:`\alpha = 1/\sqrt M`; it grows by less than e. ``"zero"``: the last layer of
    each block is 0 and the first one divided by :math:`\sqrt M`, so that each block starts as the
    identity; these are two of the rules of Fixup for branches of two layers.

    Args:
        in_features: Number of inputs.
        width: Units of all layers between the first and the last.
        blocks: M, at least 1.
        out_features: Number of outputs.
        skip: Whether the blocks have their skip connections.
        start: "he", "scaled" or "zero".
        activation: A name in ``activations.ACTIVATIONS``, or a function of a tensor.
        generator: Draws the weights; None takes PyTorch's global one.

    Returns:
        The network, in training mode.

    Raises:
        ValueError: If a size or name is out of range.

    Example:
        >>> model = residual_mlp(8, 4, 3, 2, start="zero")
        >>> x = torch.randn(5, 8)
        >>> torch.equal(model[1:4](model.input(x)), model.input(x))  # three blocks do nothing
        True

    Source:
        Zhang, Dauphin and Ma (2019), Fixup Initialization, for the start "zero".

    Chapter:
        residual_connections
    """
    check("residual_mlp", "before", 0.0, in_features, width, blocks, out_features)
    if start not in STARTS:
        raise ValueError(f"residual_mlp: start must be one of {STARTS}, got {start!r}")
    scale = 1 / math.sqrt(blocks) if start == "scaled" else 1.0
    model = nn.Sequential()
    model.add_module("input", he(nn.Linear(in_features, width), generator))
    for i in range(1, blocks + 1):
        unit = ResidualUnit(
            width, skip=skip, scale=scale, activation=activation, generator=generator
        )
        if start == "zero":
            with torch.no_grad():
                unit.linear1.weight.div_(math.sqrt(blocks))
                unit.linear2.weight.zero_()
        model.add_module(f"block{i}", unit)
    model.add_module("activation", Activation(activation))
    model.add_module("output", he(nn.Linear(width, out_features), generator))
    return model

"""Activation functions, each with PyTorch's name and arguments, and a table of them by name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Activation = Callable[[Tensor], Tensor]


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Cut negative values to zero.

    .. math::
        \mathrm{relu}(x) = \max(x, 0)

    The derivative at 0 is taken to be 0, as PyTorch does. NaN propagates.

    Args:
        input: Values of any shape.
        inplace: Overwrite the input.

    Returns:
        A tensor like the input.

    Example:
        >>> relu(torch.tensor([-1.0, 0.0, 2.0]))
        tensor([0., 0., 2.])

    Source: Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann Machines.
    Chapter: batch_norm (the activation chapter comes later).
    """
    return torch.clamp_min_(input, 0) if inplace else torch.relu(input)


ACTIVATIONS: dict[str, Activation] = {"relu": relu, "tanh": torch.tanh, "identity": lambda x: x}

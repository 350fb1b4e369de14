"""Activation functions with PyTorch's names and arguments, and a table of them by name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Activation = Callable[[Tensor], Tensor]


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Set negative values to zero.

    .. math::
        \mathrm{relu}(x) = \max(x, 0)

    At 0, where it has no derivative, the gradient is 0, as in PyTorch. NaN propagates.

    Args:
        input: Values of any shape.
        inplace: Overwrite the input rather than make a new tensor.

    Returns:
        A tensor like the input.

    Example:
        >>> relu(torch.tensor([-1.0, 0.0, 2.0]))
        tensor([0., 0., 2.])

    Source:
        Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann Machines.

    Chapter:
        batch_norm (where it stands before or after the normalization)
    """
    negative = input <= 0
    return input.masked_fill_(negative, 0) if inplace else input.masked_fill(negative, 0)


def identity(input: Tensor) -> Tensor:
    """Return the input: the activation of a linear network.

    Args:
        input: Values of any shape.

    Returns:
        The same tensor.

    Example:
        >>> identity(torch.tensor([-1.0, 2.0]))
        tensor([-1.,  2.])
    """
    return input


ACTIVATIONS: dict[str, Activation] = {
    "identity": identity,
    "relu": relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}
"""Activations by name, for the ``activation`` argument of the models. Add your own entries."""

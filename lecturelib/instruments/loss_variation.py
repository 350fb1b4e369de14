"""How much the loss varies along the gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from ._parameters import Loss
from .gradient_walk import gradient_walk


def loss_variation(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    steps: Sequence[float] | Tensor,
    equal_length: bool = False,
) -> Tensor:
    r"""Return the range of the loss over steps along the negative gradient.

    .. math::
        \max_\eta L(\theta_\eta) - \min_\eta L(\theta_\eta)

    It is the height of the shaded band in the paper's figure 4(a). :math:`\theta_\eta` is that of
    ``gradient_walk``, raw or at equal length.

    Args:
        loss: A function of nothing that returns the loss, or S losses of networks side by side.
        parameters: The tensors that move; those that want no gradient do not.
        steps: The values of :math:`\eta`, finite, shape (n,).
        equal_length: Whether :math:`\eta` is a distance rather than a learning rate.

    Returns:
        The range, shape () or (S,). Taken over a few steps it is at most that over all of the
        interval; for the loss of a minibatch, its spread over minibatches is the error.

    Raises:
        ValueError: As ``gradient_walk``.

    Example:
        >>> import torch
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> loss_variation(lambda: w.square().sum() / 2, [w], steps=[0.0, 1.0, 1.5])
        tensor(12.5000)

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, figure 4(a).

    Chapter:
        loss_smoothness
    """
    losses = gradient_walk(loss, parameters, steps=steps, equal_length=equal_length).losses
    return losses.amax(0) - losses.amin(0)

"""How well the gradient here predicts the gradient a step along it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from ._parameters import Loss
from .gradient_walk import gradient_walk


def gradient_predictiveness(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    steps: Sequence[float] | Tensor,
    equal_length: bool = False,
) -> Tensor:
    r"""Return how much the gradient changes at each step along its negative direction.

    .. math::
        \lVert \nabla L(\theta) - \nabla L(\theta_\eta) \rVert_2

    Small values mean that the gradient stays a good guide for the whole step. The paper's
    figure 4(b) shows their range over :math:`\eta`. :math:`\theta_\eta` is that of
    ``gradient_walk``, raw or at equal length.

    Args:
        loss: A function of nothing that returns the loss, or S losses of networks side by side.
        parameters: The tensors that move; those that want no gradient do not.
        steps: The values of :math:`\eta`, finite, shape (n,).
        equal_length: Whether :math:`\eta` is a distance rather than a learning rate.

    Returns:
        The norms, shape (n,) or (n, S). They are exact for this loss up to rounding; if it is the
        loss of a minibatch, their spread over minibatches is the error.

    Raises:
        ValueError: As ``gradient_walk``.

    Example:
        >>> import torch
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> gradient_predictiveness(lambda: w.square().sum() / 2, [w], steps=[0.0, 0.5])
        tensor([0.0000, 2.5000])

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, figure 4(b).

    Chapter:
        loss_smoothness
    """
    walk = gradient_walk(loss, parameters, steps=steps, equal_length=equal_length)
    return walk.gradient_changes

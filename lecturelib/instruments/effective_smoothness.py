"""How fast the gradient turns per distance along it: smoothness where training goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from ._parameters import Loss
from .gradient_walk import gradient_walk


def effective_smoothness(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    steps: Sequence[float] | Tensor,
    equal_length: bool = False,
) -> Tensor:
    r"""Return the largest change of the gradient per distance along its negative direction.

    .. math::
        \beta = \max_\eta \frac{\lVert \nabla L(\theta) - \nabla L(\theta_\eta) \rVert_2}
            {\lVert \theta - \theta_\eta \rVert_2}

    A loss is :math:`\beta`-smooth if no pair of points has a larger quotient. Here only points
    along one gradient count, so the result is a **lower bound** of the true constant, and says how
    smooth the loss is where training goes. :math:`\theta_\eta` is that of ``gradient_walk``: at raw
    steps a network with larger gradients is asked at larger distances, so compare networks at equal
    length too.

    Args:
        loss: A function of nothing that returns the loss, or S losses of networks side by side.
        parameters: The tensors that move; those that want no gradient do not.
        steps: The values of :math:`\eta`, finite and not 0, shape (n,).
        equal_length: Whether :math:`\eta` is a distance rather than a learning rate.

    Returns:
        :math:`\beta`, shape () or (S,); NaN if the gradient is 0. Rounding adds about machine
        epsilon times the norm of the gradient, over the distance: take no tiny steps.

    Raises:
        ValueError: As ``gradient_walk``, or if a step is 0.

    Example:
        >>> import torch
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> effective_smoothness(lambda: 1.5 * w.square().sum(), [w], steps=[0.5, 1.0])
        tensor(3.)

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, figure 4(c).

    Chapter:
        loss_smoothness
    """
    if 0 in [float(eta) for eta in steps]:
        raise ValueError(f"effective_smoothness: no step may be 0, got {steps}")
    walk = gradient_walk(loss, parameters, steps=steps, equal_length=equal_length)
    return (walk.gradient_changes / walk.distances).amax(0)

"""A walk along the gradient: what the loss and the gradient become on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .._scale import norm
from ._parameters import Loss, check_parameters, gradient, unflatten
from ._untouched import RandomState, restored, untouched


class GradientWalk(NamedTuple):
    """What was found at each step of a walk; S networks side by side add an axis to all."""

    distances: Tensor
    """Distance from the start, shape (n,) or (n, S)."""
    losses: Tensor
    """Loss, shape (n,) or (n, S)."""
    gradient_changes: Tensor
    """Norm of the difference from the gradient at the start, shape (n,) or (n, S)."""


def gradient_walk(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    steps: Sequence[float] | Tensor,
    equal_length: bool = False,
) -> GradientWalk:
    r"""Walk along the negative gradient, and look at the loss and the gradient at each step.

    .. math::
        \theta_\eta = \theta - \eta\, g \quad\text{(raw)}, \qquad
        \theta_\eta = \theta - \eta\, \frac{g}{\lVert g \rVert} \quad\text{(equal length)}, \qquad
        g = \nabla L(\theta)

    Raw steps are those that gradient descent with rate :math:`\eta` would take, as in the paper: a
    network with larger gradients walks farther. Steps of equal length compare two networks at the
    same distance. The two can give opposite answers, so say which was used.

    ``loss_variation``, ``gradient_predictiveness`` and ``effective_smoothness`` each reduce such a
    walk to one quantity; to have all three, walk once.

    Args:
        loss: A function of nothing that returns the loss, one number. It may return S losses of
            networks side by side, if all parameters begin with an axis of S; each network then
            walks along its own gradient.
        parameters: The tensors that move; those that want no gradient do not.
        steps: The values of :math:`\eta`, finite, shape (n,).
        equal_length: Whether :math:`\eta` is a distance rather than a learning rate.

    Returns:
        Distances, losses and changes of the gradient. They are exact for this loss up to rounding;
        if it is the loss of a minibatch, their spread over minibatches is the error. The loss at a
        step may be infinite or NaN; it is reported as it is.

    Raises:
        ValueError: If the steps are not finite or not a vector, if nothing wants a gradient, or if
            the loss at the start is not finite.

    Example:
        >>> w = torch.tensor([3.0, 4.0], requires_grad=True)
        >>> walk = gradient_walk(lambda: w.square().sum() / 2, [w], steps=[0.5, 1.0])
        >>> walk.distances, walk.losses, walk.gradient_changes
        (tensor([2.5000, 5.0000]), tensor([3.1250, 0.0000]), tensor([2.5000, 5.0000]))

    Source:
        Santurkar et al. (2018), How Does Batch Normalization Help Optimization?, section 3.1.

    Chapter:
        loss_smoothness
    """
    call = "gradient_walk"
    thetas = check_parameters(call, parameters)
    etas = torch.as_tensor(steps, dtype=torch.float64, device="cpu")
    if etas.ndim != 1 or not len(etas) or not etas.isfinite().all():
        raise ValueError(f"{call}: steps must be a vector of finite numbers, got {steps}")
    random = RandomState(thetas[0].device)
    with untouched(thetas):
        _, g = gradient(call, loss, thetas)
        length = norm(g, dim=-1, keepdim=True)
        direction = g / length if equal_length else g
        unit = torch.ones_like(length) if equal_length else length
        distances, losses, changes = [], [], []
        with restored(thetas) as start:
            for eta in etas.tolist():
                for p, theta, d in zip(thetas, start, unflatten(direction, thetas), strict=True):
                    torch.add(theta, d, alpha=-eta, out=p.data)
                random.reset()
                value, there = gradient(call, loss, thetas, finite=False)
                distances.append(abs(eta) * unit.squeeze(-1))
                losses.append(value)
                changes.append(norm(there - g, dim=-1))
    return GradientWalk(torch.stack(distances), torch.stack(losses), torch.stack(changes))

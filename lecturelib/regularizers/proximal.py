"""Proximal steps: what a penalty does to a point, solved exactly instead of by its gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from .._autocast import autocast_off
from .._computed import check_writable
from .._once import once
from .._precision import check_floating, widen
from ._checks import number_or_tensor


@autocast_off
def soft_threshold(input: Tensor, threshold: float | Tensor) -> Tensor:
    r"""Move each value towards 0 by a threshold, and to 0 if it is nearer.

    .. math::
        S_t(x) = \operatorname{sign}(x) \max(|x| - t, 0) = x - \max(-t, \min(x, t))

    Args:
        input: :math:`x`, floating point, of any shape.
        threshold: :math:`t`, at least 0: a number, or a tensor that broadcasts to the input.

    Returns:
        A tensor like the input. At :math:`|x| = t` the gradient is 0.

    Raises:
        TypeError: If the input, or a tensor as threshold, is not floating point.
        ValueError: If the threshold is negative, not finite, or does not fit the input.

    Example:
        >>> soft_threshold(torch.tensor([-3.0, -0.5, 0.5, 2.0]), 1.0)
        tensor([-2.,  0.,  0.,  1.])

    Source:
        Donoho (1995), De-noising by Soft-Thresholding. PyTorch: ``torch.nn.functional.softshrink``.

    Chapter:
        parameter_norms
    """
    check_floating("soft_threshold", input=input)
    t = number_or_tensor("soft_threshold", "threshold", threshold, input)
    return _shrink(input, t)


@autocast_off
def prox_l1(input: Tensor, strength: float | Tensor) -> Tensor:
    r"""Take the proximal step of the L1 penalty, the soft threshold.

    .. math::
        \operatorname{prox}(x) = \operatorname*{arg\,min}_z \tfrac12 \|z - x\|^2 + \lambda \|z\|_1
        = S_\lambda(x)

    After a gradient step of size :math:`\eta` on a loss, the penalty :math:`\lambda \|\theta\|_1`
    is due with the strength :math:`\eta\lambda`.

    Args:
        input: :math:`x`, floating point, of any shape.
        strength: :math:`\lambda`, at least 0: a number, or a tensor that broadcasts to the input.

    Returns:
        A tensor like the input.

    Raises:
        TypeError: If the input, or a tensor as strength, is not floating point.
        ValueError: If the strength is negative, not finite, or does not fit the input.

    Example:
        >>> prox_l1(torch.tensor([-3.0, 0.5]), 1.0)
        tensor([-2.,  0.])

    Source:
        Parikh and Boyd (2014), Proximal Algorithms, section 6.5.2.

    Chapter:
        parameter_norms
    """
    check_floating("prox_l1", input=input)
    return _shrink(input, number_or_tensor("prox_l1", "strength", strength, input))


@autocast_off
def prox_l2(input: Tensor, strength: float | Tensor) -> Tensor:
    r"""Take the proximal step of the L2 penalty :func:`l2_penalty`, a shrinkage by one factor.

    .. math::
        \operatorname{prox}(x) = \operatorname*{arg\,min}_z \tfrac12 \|z - x\|^2 + \lambda \|z\|^2
        = \frac{x}{1 + 2 \lambda}

    No value becomes 0 that was not. After a gradient step of size :math:`\eta` on a loss, the
    penalty :math:`\lambda \|\theta\|^2` is due with the strength :math:`\eta\lambda`; weight decay
    is its first order, :math:`x - 2 \eta \lambda x`.

    Args:
        input: :math:`x`, floating point, of any shape.
        strength: :math:`\lambda`, at least 0: a number, or a tensor that broadcasts to the input.

    Returns:
        A tensor like the input.

    Raises:
        TypeError: If the input, or a tensor as strength, is not floating point.
        ValueError: If the strength is negative, not finite, or does not fit the input.

    Example:
        >>> prox_l2(torch.tensor([-3.0, 0.5]), 1.0)
        tensor([-1.0000,  0.1667])

    Source:
        Parikh and Boyd (2014), Proximal Algorithms, section 6.1.1 (with a factor ½).

    Chapter:
        parameter_norms
    """
    check_floating("prox_l2", input=input)
    strength = number_or_tensor("prox_l2", "strength", strength, input)
    return (widen(input) / (1 + 2 * strength)).to(input.dtype)


@torch.no_grad()
def proximal_step_(parameters: Tensor | Iterable[Tensor], prox: Callable[[Tensor], Tensor]) -> None:
    r"""Replace each parameter by its proximal step or its projection, in place.

    .. math:: \theta \leftarrow \operatorname{prox}\bigl(\theta - \eta \nabla J(\theta)\bigr)

    The gradient step in the bracket is the optimizer's; call this after ``optimizer.step()``. With
    :func:`prox_l1` it is proximal gradient descent (ISTA), with :func:`project_to_ball` projected
    gradient descent. For an optimizer other than plain SGD the step has no single :math:`\eta`, and
    the pair no longer minimizes the penalized loss.

    Args:
        parameters: A parameter or several, floating point. One that is named twice moves once.
        prox: From a tensor to one of the same shape and dtype.

    Raises:
        TypeError: If a parameter is no floating-point tensor, or prox gives another dtype.
        ValueError: If prox gives another shape, or a parameter is computed from others, so that
            writing to it would be lost.

    Example:
        The lasso of one weight, :math:`\frac12 (w - 3)^2 + |w|`, has its minimum at 2.

        >>> w = torch.zeros(1, requires_grad=True)
        >>> sgd = torch.optim.SGD([w], lr=0.5)
        >>> for _ in range(30):
        ...     sgd.zero_grad()
        ...     (0.5 * (w - 3) ** 2).sum().backward()
        ...     sgd.step()
        ...     proximal_step_(w, lambda w: prox_l1(w, 0.5 * 1.0))
        >>> w
        tensor([2.], requires_grad=True)

    Source:
        Parikh and Boyd (2014), Proximal Algorithms, section 4.2.

    Chapter:
        parameter_norms
    """
    moved = []
    for p in once([parameters] if isinstance(parameters, Tensor) else parameters):
        check_floating("proximal_step_", parameters=p)
        check_writable("proximal_step_", p)
        new = prox(p.detach())
        if new.shape != p.shape:
            raise ValueError(
                f"proximal_step_: prox must keep the shape {tuple(p.shape)}, got {tuple(new.shape)}"
            )
        if new.dtype != p.dtype:
            raise TypeError(f"proximal_step_: prox must keep the dtype {p.dtype}, got {new.dtype}")
        moved.append((p, new))
    for p, new in moved:
        p.copy_(new)


def _shrink(input: Tensor, t: float | Tensor) -> Tensor:
    x = widen(input)
    inner = x.clamp(-t, t) if not isinstance(t, Tensor) else torch.clamp(x, -t, t)
    return (x - inner).to(input.dtype)

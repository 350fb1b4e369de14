"""Penalties on the size of the weights, to be added to a loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from .._autocast import autocast_off
from .._once import once
from .._precision import check_floating, widen


def l1_penalty(parameters: Tensor | Iterable[Tensor]) -> Tensor:
    r"""Add up the sizes of all parameters.

    .. math::
        \Omega(\theta) = \sum_i |\theta_i|, \qquad
        \partial_i \Omega = \operatorname{sign} \theta_i \quad (0 \text{ at } \theta_i = 0)

    The loss with this penalty is ``loss + strength * l1_penalty(model.parameters())``. Its gradient
    pulls each weight with the same force, whatever its size; that makes weights 0, which gradient
    steps pass by and :func:`soft_threshold` finds.

    Args:
        parameters: A parameter or several, floating point, on one device. One that is named twice,
            as a tied weight may be, counts once.

    Returns:
        A scalar with a graph, float32 for half precision.

    Raises:
        TypeError: If a parameter is no floating-point tensor.
        ValueError: If there are none, or they lie on several devices.

    Example:
        >>> w = torch.tensor([3.0, 0.0, -4.0], requires_grad=True)
        >>> penalty = l1_penalty(w)
        >>> penalty.backward()
        >>> penalty.item(), w.grad
        (7.0, tensor([ 1.,  0., -1.]))

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 7.1.2.

    Chapter:
        parameter_norms
    """
    return _total("l1_penalty", parameters, torch.abs)


def l2_penalty(parameters: Tensor | Iterable[Tensor]) -> Tensor:
    r"""Add up the squares of all parameters.

    .. math::
        \Omega(\theta) = \|\theta\|^2 = \sum_i \theta_i^2, \qquad \nabla \Omega = 2 \theta

    There is no factor of one half. So ``loss + strength * l2_penalty(...)`` has the gradient that
    PyTorch's optimizers make with ``weight_decay=2 * strength``.

    Args:
        parameters: A parameter or several, floating point, on one device. One that is named twice,
            as a tied weight may be, counts once.

    Returns:
        A scalar with a graph, float32 for half precision.

    Raises:
        TypeError: If a parameter is no floating-point tensor.
        ValueError: If there are none, or they lie on several devices.

    Example:
        >>> w = torch.tensor([3.0, 0.0, -4.0], requires_grad=True)
        >>> penalty = l2_penalty(w)
        >>> penalty.backward()
        >>> penalty.item(), w.grad
        (25.0, tensor([ 6.,  0., -8.]))

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, section 7.1.1 (with a factor ½).

    Chapter:
        parameter_norms
    """
    return _total("l2_penalty", parameters, torch.square)


def _total(
    call: str, parameters: Tensor | Iterable[Tensor], term: Callable[[Tensor], Tensor]
) -> Tensor:
    """Add up a term of each entry."""
    tensors = once([parameters] if isinstance(parameters, Tensor) else parameters)
    if not tensors:
        raise ValueError(
            f"{call}: there are no parameters; a generator such as model.parameters() is empty "
            "after its first use"
        )
    for p in tensors:
        check_floating(call, parameters=p)
    places = {str(p.device) for p in tensors}
    if len(places) > 1:
        raise ValueError(f"{call}: parameters must lie on one device, got {sorted(places)}")
    first, *others = [_sum(term, p) for p in tensors]
    return sum(others, start=first)


@autocast_off
def _sum(term: Callable[[Tensor], Tensor], p: Tensor) -> Tensor:
    return term(widen(p)).sum()

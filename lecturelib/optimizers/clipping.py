"""Gradient clipping, by norm and by value, for steps at the foot of a cliff."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from .._once import once
from .._precision import HALF
from .._scale import norm


@torch.no_grad()
def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    r"""Shrink all gradients by one factor, so that their norm together is at most a bound.

    .. math:: g \leftarrow g \cdot \min\Bigl(1, \frac{\text{max\_norm}}{\|g\| + 10^{-6}}\Bigr)

    The direction stays. A parameter that is named twice counts once. Unlike PyTorch's, the norm is
    right for all sizes, and is float32 for gradients in half precision. As in PyTorch a gradient
    that is NaN or infinite spoils all of them, unless ``error_if_nonfinite``.

    Args:
        parameters: A parameter or several; those without a gradient are passed over.
        max_norm: Bound of the norm, at least 0.
        norm_type: Order of the norm, greater than 0; infinity for the largest size of an entry.
        error_if_nonfinite: Raise instead of clipping if the norm is NaN or infinite.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.

    Returns:
        The norm before clipping.

    Raises:
        ValueError: If max_norm or norm_type is out of range.
        TypeError: If a gradient is sparse.
        RuntimeError: If asked to and the norm is not finite.

    Example:
        >>> w = torch.zeros(2, requires_grad=True)
        >>> w.grad = torch.tensor([30.0, 40.0])
        >>> clip_grad_norm_(w, 1.0), w.grad
        (tensor(50.), tensor([0.6000, 0.8000]))

    Source: Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural
    networks, algorithm 1. PyTorch: ``torch.nn.utils.clip_grad_norm_``.
    Chapter: initialization.
    """
    if not max_norm >= 0 or not norm_type > 0:
        raise ValueError(
            "clip_grad_norm_: max_norm must be at least 0 and norm_type greater than 0, "
            f"got max_norm={max_norm}, norm_type={norm_type}"
        )
    gradients = _gradients("clip_grad_norm_", parameters)
    if not gradients:
        return torch.tensor(0.0, device="cpu")
    norms = [norm(g, norm_type) for g in gradients]
    total = norm(torch.stack([n.to(norms[0].device) for n in norms]), norm_type)
    if error_if_nonfinite and not total.isfinite():
        raise RuntimeError(f"clip_grad_norm_: the norm of the gradients is {total.item()}")
    factor = (max_norm / (total + 1e-6)).clamp(max=1)
    for g in gradients:
        if g.dtype in HALF:  # which may not hold the factor
            g.copy_(g.float() * factor.to(g.device))
        else:
            g.mul_(factor.to(g.device))
    return total


@torch.no_grad()
def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    r"""Clip each entry of each gradient to :math:`[-c, c]`; the direction may change.

    Args:
        parameters: A parameter or several; those without a gradient are passed over.
        clip_value: :math:`c`, at least 0.
        foreach: Accepted as a choice among PyTorch's implementations; changes nothing here.

    Raises:
        ValueError: If clip_value is out of range.
        TypeError: If a gradient is sparse.

    Example:
        >>> w = torch.zeros(2, requires_grad=True)
        >>> w.grad = torch.tensor([0.5, -40.0])
        >>> clip_grad_value_(w, 1.0)
        >>> w.grad
        tensor([ 0.5000, -1.0000])

    Source: Mikolov (2012), Statistical language models based on neural networks, thesis. PyTorch:
    ``torch.nn.utils.clip_grad_value_``.
    Chapter: initialization.
    """
    if not 0 <= clip_value <= math.inf:
        raise ValueError(f"clip_grad_value_: clip_value must be at least 0, got {clip_value}")
    for g in _gradients("clip_grad_value_", parameters):
        g.clamp_(-clip_value, clip_value)


def _gradients(call: str, parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    # an empty gradient has no largest entry, so no norm of order infinity
    gradients = [g for p in once(parameters) if (g := p.grad) is not None and g.numel() > 0]
    for g in gradients:
        if g.layout is not torch.strided:
            raise TypeError(f"{call}: sparse gradients are not supported, one is {g.layout}")
    return gradients

"""Projection to a norm ball: the nearest point that obeys a constraint on the norm."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .._autocast import autocast_off
from .._precision import check_floating, whole_numbers, widen
from .._scale import norm
from ._checks import check_at_least_zero
from .proximal import soft_threshold

ORDERS = (1, 2, math.inf)


@autocast_off
def project_to_ball(
    input: Tensor,
    radius: float,
    *,
    p: float = 2.0,
    dim: int | tuple[int, ...] | None = None,
) -> Tensor:
    r"""Return the point of a norm ball that is nearest to the input.

    .. math::
        \Pi(x) = \operatorname*{arg\,min}_{\|z\|_p \le r} \tfrac12 \|z - x\|_2^2
        = \begin{cases}
        \operatorname{sign}(x) \max(|x| - \tau, 0) & p = 1 \\
        x \, \min(1, r / \|x\|_2) & p = 2 \\
        \max(-r, \min(x, r)) & p = \infty
        \end{cases}

    where :math:`\tau \ge 0` is the smallest threshold for which :math:`\|\Pi(x)\|_1 \le r`. With
    the sizes in descending order, :math:`u_1 \ge u_2 \ge \dots`, and :math:`\rho` the last j with
    :math:`u_j > \tau_j = \frac1j \bigl(\sum_{i \le j} u_i - r\bigr)`, it is
    :math:`\max(\tau_\rho, 0)`.

    A point of the ball stays as it is. After a step of gradient descent this is projected gradient
    descent, which :func:`proximal_step_` does in place.

    Args:
        input: :math:`x`, floating point and finite, of any shape.
        radius: :math:`r`, at least 0 and finite.
        p: Order of the norm: 1, 2 or infinity.
        dim: The dimensions over which the norm is taken; each slice along them is projected by
            itself. None for the norm of all entries. With ``dim=1`` on the weight of a linear layer
            every unit has its own ball ("max-norm").

    Returns:
        A tensor like the input. Its norm is at most r, but for rounding.

    Raises:
        TypeError: If the input is no floating-point tensor.
        ValueError: If the radius or p is out of range.
        IndexError: If the input has no such dimension.

    Example:
        >>> x = torch.tensor([3.0, -1.0, 0.5])
        >>> project_to_ball(x, 2.0, p=1), project_to_ball(x, 2.0, p=float("inf"))
        (tensor([2., 0., 0.]), tensor([ 2.0000, -1.0000,  0.5000]))

    Source:
        Duchi, Shalev-Shwartz, Singer and Chandra (2008), Efficient Projections onto the L1-Ball for
        Learning in High Dimensions, figure 1; Srebro and Shraibman (2005) for max-norm.

    Chapter:
        parameter_norms
    """
    check_floating("project_to_ball", input=input)
    check_at_least_zero("project_to_ball", "radius", radius)
    if p not in ORDERS:
        raise ValueError(f"project_to_ball: p must be 1, 2 or infinity, got {p}")
    if radius == 0 or not input.numel():
        return 0 * input
    x = widen(input)
    if p == 1:
        projected = soft_threshold(x, _threshold(x, radius, dim))
    elif p == 2:
        projected = x * (radius / norm(x, dim=dim, keepdim=True).clamp_min(radius))
    else:
        projected = x.clamp(-radius, radius)
    return projected.to(input.dtype)


def _threshold(x: Tensor, radius: float, dim: int | tuple[int, ...] | None) -> Tensor:
    """The threshold τ of each slice, of a shape that broadcasts to x; sums are in float64."""
    dims = [d % x.ndim for d in (range(x.ndim) if dim is None else whole_numbers(dim))]
    slices = x.abs().movedim(dims, list(range(-len(dims), 0))) if dims else x.abs()
    u = slices.reshape(*slices.shape[: x.ndim - len(dims)], -1).double()
    u = u.sort(-1, descending=True).values
    j = torch.arange(1, u.shape[-1] + 1, device=u.device)
    tau = (u.cumsum(-1) - radius) / j
    rho = (u > tau).sum(-1, keepdim=True).clamp_min(1)  # 0 if u_1 - r is rounded to u_1
    tau = tau.gather(-1, rho - 1).clamp_min(0).to(x.dtype)
    return tau.reshape([1 if d in dims else n for d, n in enumerate(x.shape)])

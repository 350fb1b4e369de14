"""The trace of the Hessian, estimated from products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from .._precision import widen
from .._scale import standard_deviation
from ._parameters import Loss, check_parameters, check_positive, draw_signs
from .hessian_product import make_product


class Estimate(NamedTuple):
    """An estimate and its standard error."""

    value: Tensor
    """The estimate."""
    standard_error: Tensor
    """Its standard error, estimated from the same draws; 0 if it is exact."""


def trace(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    products: int = 60,
    generator: torch.Generator | None = None,
) -> Estimate:
    r"""Estimate the trace of the Hessian of a loss by Hutch++.

    .. math::
        \operatorname{tr} H \approx \operatorname{tr}(Q^\top H Q) + \frac{1}{n} \sum_{i=1}^{n}
            g_i^\top (I - QQ^\top) H (I - QQ^\top) g_i, \qquad Q = \operatorname{orth}(HS)

    S holds n random vectors of signs and so do the g's: the leading part of H is traced exactly on
    Q, and Hutchinson's estimator with n draws sees what is left. That takes 3n products.

    Args:
        loss: A function of nothing that returns the loss, one number; twice differentiable.
        parameters: :math:`\theta`, P numbers in all; those that want no gradient are left out.
        products: How many products with H, at least 6; n is a third of it. With P or more the trace
            is computed exactly, by P products with the unit vectors.
        generator: A CPU generator that draws S and g; None takes one with seed 0.

    Returns:
        The estimate, which is unbiased, and its standard error, from the spread of the n draws. For
        a positive semidefinite H the relative error is of order 1/n, not :math:`1/\sqrt n`.

    Raises:
        ValueError: If products is too small, or the loss is not one finite number.

    Example:
        >>> w = torch.zeros(300, requires_grad=True)
        >>> curvature = torch.linspace(0, 1, 300) ** 8
        >>> estimate = trace(lambda: (curvature * w**2).sum() / 2, [w], products=90)
        >>> bool((estimate.value - curvature.sum()).abs() < 4 * estimate.standard_error + 1e-3)
        True

    Source:
        Meyer, Musco, Musco and Woodruff (2021), Hutch++: Optimal Stochastic Trace Estimation,
        algorithm 1.

    Chapter:
        loss_smoothness
    """
    thetas = check_parameters("trace", parameters)
    check_positive("trace", products=products)
    if products < 6:
        raise ValueError(f"trace: products must be at least 6, got {products}")
    product, like = make_product("trace", loss, thetas), widen(thetas[0].detach())
    P, n = sum(p.numel() for p in thetas), products // 3
    if products >= P:
        diagonal = [product(e) @ e for e in torch.eye(P, dtype=like.dtype, device=like.device)]
        return Estimate(torch.stack(diagonal).sum(), like.new_zeros(()))
    draws = generator or torch.Generator().manual_seed(0)
    S, G = (torch.stack([draw_signs(P, like, draws) for _ in range(n)], 1) for _ in range(2))
    Q = torch.linalg.qr(_times(product, S)).Q
    leading = (Q * _times(product, Q)).sum()
    G = G - Q @ (Q.T @ G)
    rest = (G * _times(product, G)).sum(0)
    return Estimate(leading + rest.mean(), standard_deviation(rest, correction=1) / n**0.5)


def _times(product: object, M: Tensor) -> Tensor:
    """H times the columns of M."""
    return torch.stack([product(column) for column in M.T.contiguous()], 1)  # type: ignore[operator]

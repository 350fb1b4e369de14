r"""Descent on Gaussian halfspaces by closed gradients, for the page's races and pictures.

By Stein's lemma the gradient of :math:`f(w) = \operatorname{E}\,\varphi(z^\top w)` with
:math:`z \sim N(u, C)` and :math:`S = C + u u^\top` is :math:`c_1 u + c_2 S w` with two numbers,

.. math::  c_2 = \operatorname{E}\varphi''(z^\top w), \qquad
           c_1 = \operatorname{E}\varphi'(z^\top w) - (u^\top w)\, c_2 .

The claims of the chapter take the same gradients by automatic differentiation
(:mod:`lecturelib.chapters.length_direction.experiments`). Rates and seeds are leading axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.chapters.length_direction.experiments import (
    CURVATURE,
    Halfspace,
    direction_path,
)

__all__ = [
    "DERIVATIVES",
    "angle",
    "apply",
    "arrivals",
    "best_direction",
    "descend",
    "gap",
    "gradient",
    "normalized_descent",
    "plane",
    "pulls",
    "start",
]

F64 = torch.float64
Derivative = Callable[[Tensor], Tensor]


def _bell(s: Tensor) -> Tensor:
    p = torch.sigmoid(s)
    return p * (1 - p)


DERIVATIVES: dict[str, tuple[Derivative, Derivative]] = {
    "least squares": (lambda s: 2 * (1 + s), lambda s: torch.full_like(s, 2.0)),
    "logistic": (torch.sigmoid, _bell),
    "sigmoidal": (_bell, lambda s: _bell(s) * (1 - 2 * torch.sigmoid(s))),
}
"""First and second derivatives of the losses of the margin."""


@cache
def _quadrature(count: int = 801, reach: float = 9.0) -> tuple[Tensor, Tensor]:
    # Even nodes: a sigmoid of a long w is steep, and Gauss-Hermite's few nodes would step over it.
    nodes = torch.linspace(-reach, reach, count, dtype=F64, device="cpu")
    weights = torch.exp(-nodes.square() / 2)
    return nodes, weights / weights.sum()


def plane(correlation: float = 0.8, mean: tuple[float, float] = (0.2, 0.7)) -> Halfspace:
    """One problem with two inputs of variance 1 and 0.25 and this correlation.

    >>> plane(0.5).C[0, 0, 1].item()
    0.25
    """
    c = 0.5 * correlation
    C = torch.tensor([[[1.0, c], [c, 0.25]]], dtype=F64, device="cpu")
    return Halfspace(torch.tensor([mean], dtype=F64, device="cpu"), C)


def start(problem: Halfspace, seeds: Sequence[int]) -> Tensor:
    """The random directions from which all claims of the chapter start, ``[S, d]``."""
    return direction_path(problem, seeds, "least squares", steps=0)[0]


def apply(matrix: Tensor, w: Tensor) -> Tensor:
    """``M w`` for matrices ``[S, d, d]`` and vectors ``[..., S, d]``."""
    return torch.einsum("sij,...sj->...si", matrix, w)


def pulls(problem: Halfspace, loss: str, w: Tensor) -> tuple[Tensor, Tensor]:
    """c₁ and c₂ of the gradient ``c₁ u + c₂ S w`` at weights ``[..., S, d]``, ``[..., S, 1]``."""
    first, second = DERIVATIVES[loss]
    nodes, weights = _quadrature()
    mean = (problem.u * w).sum(-1, keepdim=True)
    sd = (w * apply(problem.C, w)).sum(-1, keepdim=True).sqrt()
    margins = mean + sd * nodes
    c2 = (second(margins) * weights).sum(-1, keepdim=True)
    return (first(margins) * weights).sum(-1, keepdim=True) - mean * c2, c2


def gradient(problem: Halfspace, loss: str, w: Tensor) -> Tensor:
    """Gradient of the expected loss with respect to the weights ``[..., S, d]``."""
    c1, c2 = pulls(problem, loss, w)
    return c1 * problem.u + c2 * apply(problem.second, w)


def gap(problem: Halfspace, w: Tensor) -> Tensor:
    """``1 - ρ(w)/ρ(w*)`` of weights ``[..., S, d]``: the squared sine of the angle in S."""
    best = problem.best
    along = (best * apply(problem.second, w)).sum(-1).square()
    size = (w * apply(problem.second, w)).sum(-1)
    return 1 - along / (size * (best * apply(problem.second, best)).sum(-1))


def descend(
    problem: Halfspace,
    w: Tensor,
    loss: str,
    *,
    multiples: Sequence[float] = (1.0,),
    steps: int,
    normalized: bool = False,
) -> Tensor:
    """Gradient descent at constant rates, all weights on the way ``[steps + 1, R, S, d]``.

    Args:
        problem: one for each seed.
        w: start ``[S, d]``; it is scaled to wᵀSw = 1.
        loss: a name in ``DERIVATIVES``.
        multiples: rates, as multiples of one over the bound of the Hessian's eigenvalues.
        steps: number of steps.
        normalized: whether batch norm follows: the loss is that of ``w/(wᵀSw)^½``.
    """
    S = problem.second
    largest = CURVATURE[loss] * torch.linalg.eigvalsh(S)[:, -1:]
    rates = torch.tensor(multiples, dtype=w.dtype)[:, None, None] / largest
    w = (w / (w * apply(S, w)).sum(-1, keepdim=True).sqrt()).expand(len(multiples), -1, -1)
    path = [w]
    for _ in range(steps):
        if normalized:
            Sw = apply(S, w)
            square = (w * Sw).sum(-1, keepdim=True)
            g = gradient(problem, loss, w / square.sqrt())
            g = (g - Sw * (w * g).sum(-1, keepdim=True) / square) / square.sqrt()
        else:
            g = gradient(problem, loss, w)
        w = w - rates * g
        path.append(w)
    return torch.stack(path)


def normalized_descent(
    problem: Halfspace, w: Tensor, *, multiples: Sequence[float] = (1.0,), steps: int
) -> Tensor:
    r"""GDNP, the same for every loss: ``w - (S w - u/a)/L``, ``[steps + 1, R, S, d]``.

    Kohler et al. (2019), algorithm 1, with :math:`a = u^\top w/\lVert w\rVert_S^2`. The step is
    multiplied by each of the ``multiples``.
    """
    S, u = problem.second, problem.u
    rates = torch.tensor(multiples, dtype=w.dtype)[:, None, None]
    rates = rates / torch.linalg.eigvalsh(S)[:, -1:]
    w = w.expand(len(multiples), -1, -1)
    path = [w]
    for _ in range(steps):
        Sw = apply(S, w)
        a = (u * w).sum(-1, keepdim=True) / (w * Sw).sum(-1, keepdim=True)
        w = w - rates * (Sw - u / a)
        path.append(w)
    return torch.stack(path)


def arrivals(gaps: Tensor, tolerance: float, never: float = torch.nan) -> Tensor:
    """Number of the first step whose gap ``[steps + 1, ...]`` is small, or ``never``."""
    small = gaps <= tolerance
    first = small.double().argmax(0).double()
    return torch.where(small.any(0), first, torch.full_like(first, never))


# --- does the best direction depend on what follows? -------------------------------------------


def best_direction(value: Callable[[Tensor], Tensor], w: Tensor, scale: Tensor) -> Tensor:
    """The direction that minimizes a loss of ``w/(wᵀMw)^½``, near ``w``, by L-BFGS.

    Args:
        value: from weights ``[d]`` of length 1 in M to the loss.
        w: start ``[d]``.
        scale: M, ``[d, d]``.
    """
    w = w.clone().requires_grad_()
    options = {"lr": 1.0, "tolerance_grad": 1e-12, "tolerance_change": 1e-16}
    search = torch.optim.LBFGS([w], max_iter=300, line_search_fn="strong_wolfe", **options)  # type: ignore[arg-type]

    def closure() -> Tensor:
        search.zero_grad()
        loss = value(w / (w @ scale @ w).sqrt())
        loss.backward()
        return loss

    search.step(closure)
    found = w.detach()
    return found / found.norm()


def angle(a: Tensor, b: Tensor) -> Tensor:
    """Angle between directions ``[..., d]`` in degrees, exact near 0 too.

    >>> angle(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0]))
    tensor(45.)
    """
    a, b = F.normalize(a, dim=-1), F.normalize(b, dim=-1)
    return 2 * torch.rad2deg(torch.atan2((a - b).norm(dim=-1), (a + b).norm(dim=-1)))

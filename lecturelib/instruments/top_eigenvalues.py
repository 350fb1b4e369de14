"""Leading eigenvalues and eigenvectors of the Hessian, by the Lanczos process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from .._precision import widen
from .._scale import norm
from ._krylov import KrylovBasis
from ._parameters import Loss, check_parameters, check_positive, draw_normal
from .hessian_product import make_product

ORDERS = {
    "largest": lambda values: -values,
    "smallest": lambda values: values,
    "magnitude": lambda values: -values.abs(),
}
SMALLEST_TOL = 50  # in units of machine epsilon


class Eigenpairs(NamedTuple):
    """Eigenvalues and eigenvectors, the leading one first."""

    values: Tensor
    """Eigenvalues, shape (k,)."""
    vectors: Tensor
    """Eigenvectors of unit length, one a column, shape (P, k); their signs are arbitrary."""


def top_eigenvalues(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    k: int = 1,
    tol: float = 1e-3,
    which: str = "largest",
    generator: torch.Generator | None = None,
    max_products: int = 1000,
    max_basis: int | None = None,
) -> Eigenpairs:
    r"""Find the leading eigenpairs of the Hessian of a loss.

    .. math::
        H v = \lambda v, \qquad H = \nabla^2 L(\theta)

    The Lanczos process builds an orthonormal basis Q of the space that a random vector and its
    products span; the eigenpairs of :math:`QHQ^\top` approach the extreme ones of H first. Each new
    vector is made orthogonal to all others, so that no eigenvalue is found twice. Power iteration
    with deflation, the usual way, needs several times as many products.

    Args:
        loss: A function of nothing that returns the loss, one number; twice differentiable.
        parameters: :math:`\theta`, P numbers in all; those that want no gradient are left out.
        k: How many pairs, from 1 to P.
        tol: Residual allowed, as a share of the largest :math:`|\lambda|` of the basis; at least
            50 machine epsilons (6e-6 in float32).
        which: "largest", "smallest" (most negative first), or "magnitude".
        generator: A CPU generator that draws the start; None takes one with seed 0.
        max_products: How many products with H may be used.
        max_basis: Vectors kept, at least k + 2; memory is twice that many gradients. A full basis
            is restarted from its best vectors. None takes 2k + 40.

    Returns:
        Values and vectors. Their residuals
        :math:`\lVert Hv - \lambda v \rVert \le \text{tol} \cdot \max|\lambda|` are computed from
        products with H rather than from the recursion. So each value is within that of an
        eigenvalue; the error is about the residual squared over the gap to the next eigenvalue, far
        less. A single start sees one vector of a multiple eigenvalue's space; further ones are
        found only if the basis closes, as it does if H has few different eigenvalues.

    Raises:
        ValueError: If an argument is out of range, or the loss or a product is not finite.
        RuntimeError: If max_products do not suffice.

    Example:
        >>> w = torch.zeros(3, requires_grad=True)
        >>> curvature = torch.tensor([1.0, -7.0, 4.0])
        >>> pairs = top_eigenvalues(lambda: (curvature * w**2).sum() / 2, [w], k=2)
        >>> pairs.values.round(decimals=3), pairs.vectors.abs().round(decimals=2).T
        (tensor([4., 1.]), tensor([[0., 0., 1.],
                [1., 0., 0.]]))

    Source:
        Lanczos (1950); Wu and Simon (2000), Thick-restart Lanczos Method for Large Symmetric
        Eigenvalue Problems, for the restart.

    Chapter:
        signal_propagation
    """
    call = "top_eigenvalues"
    thetas = check_parameters(call, parameters)
    P, like = sum(p.numel() for p in thetas), widen(thetas[0].detach())
    eps = torch.finfo(thetas[0].dtype).eps
    check_positive(call, k=k, max_products=max_products)
    size = min(P, 2 * k + 40 if max_basis is None else max_basis)
    if k > P or (size < k + 2 and size < P):
        raise ValueError(
            f"{call}: need k at most P = {P} and max_basis at least k + 2, got k={k}, "
            f"max_basis={max_basis}"
        )
    if not SMALLEST_TOL * eps <= tol < 1:
        raise ValueError(f"{call}: tol must lie in [{SMALLEST_TOL * eps:.1g}, 1), got {tol}")
    if which not in ORDERS:
        raise ValueError(f"{call}: which must be one of {tuple(ORDERS)}, got {which!r}")

    draws = generator or torch.Generator().manual_seed(0)
    basis = KrylovBasis(make_product(call, loss, thetas), draw_normal(P, like, draws), size)
    rounding = min(4 * P**0.5 * eps, tol / 10)
    worst, scale, before = float("inf"), 0.0, None
    for _ in range(max_products):
        basis.extend()
        if not basis.T[basis.count - 1, basis.count - 1].isfinite():
            raise ValueError(f"{call}: a product with the Hessian is not finite")
        values, s = basis.ritz()
        order = ORDERS[which](values).argsort()
        best, scale = order[:k], float(values.abs().max())
        closed = basis.beta <= rounding * scale  # the space holds its own products
        # Q H Qᵀ leaves of H Qᵀ only what points along the next vector.
        expected = float(basis.beta * s[-1, best].abs().max())
        if basis.count >= k and (expected <= tol * scale or basis.count == P):
            v, hv = basis.combine(s[:, best])
            top = values[best].to(v)
            worst = float(norm(hv - top[:, None] * v, dim=1).max())
            complete = basis.count == P or not (closed or before is not None)
            confirmed = (
                closed and before is not None and torch.allclose(top, before, atol=tol * scale)
            )
            if worst <= tol * scale and (complete or confirmed):
                return Eigenpairs(top, v.T)
            if closed:
                before = top
        if closed:
            # One vector of each eigenvalue's space: go on elsewhere, until that brings no more.
            basis.set_next(basis.split(draw_normal(P, like, draws))[1])
        if basis.count == size:
            kept = order[: k + max(1, (size - k) // 2)] if size < P else order[:k]
            basis.compress(values[kept], s[:, kept])
    raise RuntimeError(
        f"{call}: {max_products} products do not reach tol={tol}; allow more, or raise tol or "
        f"max_basis. The largest residual is {worst / (scale or 1):.1e} of the largest eigenvalue"
    )

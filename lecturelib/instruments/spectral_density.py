"""The density of the Hessian's eigenvalues, by stochastic Lanczos quadrature."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from .._precision import widen
from ._krylov import KrylovBasis
from ._parameters import Loss, check_parameters, check_positive, draw_normal
from .hessian_product import make_product


class SpectralDensity(NamedTuple):
    """A density over eigenvalues, smoothed by a Gaussian, and the discrete one behind it."""

    grid: Tensor
    """Eigenvalues t, shape (points,)."""
    density: Tensor
    """Density at t, shape (points,); it integrates to 1 up to the tails that the grid cuts."""
    standard_error: Tensor
    """Standard error of the density over the probes, shape (points,)."""
    nodes: Tensor
    """Ritz values, shape (probes, steps)."""
    weights: Tensor
    """Their weights, shape (probes, steps); each row sums to 1."""
    width: float
    r"""Standard deviation :math:`\sigma` of the Gaussian."""


def spectral_density(
    loss: Loss,
    parameters: Iterable[Tensor],
    *,
    probes: int = 8,
    steps: int = 60,
    points: int = 512,
    width: float | None = None,
    generator: torch.Generator | None = None,
) -> SpectralDensity:
    r"""Estimate the density of the eigenvalues of the Hessian of a loss.

    .. math::
        \phi_\sigma(t) = \frac1P \sum_{i=1}^{P} \mathcal N(t; \lambda_i, \sigma^2)
        \approx \frac1n \sum_{l=1}^{n} \sum_{j=1}^{m} w_j^{(l)}\,
            \mathcal N(t; \theta_j^{(l)}, \sigma^2)

    From each of n random vectors, m steps of Lanczos with full reorthogonalization give a small
    matrix with eigenvalues :math:`\theta_j`; the squared first entries of its eigenvectors are the
    weights :math:`w_j` of a Gauss quadrature, exact for polynomials of degree 2m - 1.

    Args:
        loss: A function of nothing that returns the loss, one number; twice differentiable.
        parameters: :math:`\theta`, P numbers in all; those that want no gradient are left out.
        probes: n, at least 1; 2 are needed for an error.
        steps: m, at least 1; at most P are used. It takes n·m products.
        points: Points of the grid, at least 2, from below the smallest to above the largest node.
        width: :math:`\sigma` > 0. None takes a hundredth of the range of the nodes, or of the
            largest node if all are equal.
        generator: A CPU generator that draws the vectors; None takes one with seed 0.

    Returns:
        The density with its standard error over the probes (NaN for one), and the quadrature. The
        error of the quadrature falls exponentially in :math:`m \sigma` over the range; that of the
        probes as :math:`1 / \sqrt{nP}`. What is narrower than :math:`\sigma`, a single outlier, is
        drawn that wide; ``top_eigenvalues`` finds it exactly.

    Raises:
        ValueError: If an argument is out of range, or the loss or a product is not finite.

    Example:
        Half of the eigenvalues are 1, half are 3: two nodes suffice.

        >>> w = torch.zeros(400, requires_grad=True)
        >>> curvature = torch.tensor([1.0, 3.0]).repeat(200)
        >>> spectrum = spectral_density(lambda: (curvature * w**2).sum() / 2, [w], steps=2)
        >>> spectrum.nodes.mean(0).round(decimals=3)
        tensor([1., 3.])
        >>> bool((spectrum.weights.mean(0) - 0.5).abs().max() < 0.05)
        True

    Source:
        Ghorbani, Krishnan and Xiao (2019), An Investigation into Neural Net Optimization via
        Hessian Eigenvalue Density, section 2; Golub and Welsch (1969) for nodes and weights.

    Chapter:
        loss_smoothness
    """
    call = "spectral_density"
    thetas = check_parameters(call, parameters)
    check_positive(call, probes=probes, steps=steps, points=points - 1)
    if width is not None and not 0 < width < math.inf:
        raise ValueError(f"{call}: width must be finite and greater than 0, got {width}")
    product, like = make_product(call, loss, thetas), widen(thetas[0].detach())
    P = sum(p.numel() for p in thetas)
    draws = generator or torch.Generator().manual_seed(0)
    starts = [draw_normal(P, like, draws) for _ in range(probes)]
    m = min(steps, P)
    rules = [_quadrature(KrylovBasis(product, start, m), m) for start in starts]
    nodes, weights = (torch.stack(parts) for parts in zip(*rules, strict=True))
    if not nodes.isfinite().all():
        raise ValueError(f"{call}: a product with the Hessian is not finite")
    low, high = nodes.min().item(), nodes.max().item()
    largest = max(abs(low), abs(high))
    equal = high - low <= 1e3 * torch.finfo(like.dtype).eps * largest
    sigma = width or (largest or 1.0 if equal else high - low) / 100
    low, high = low - 4 * sigma, high + 4 * sigma
    t = torch.linspace(low, high, points, dtype=torch.float64, device=nodes.device)
    bells = torch.exp(-((t - nodes[..., None]) ** 2) / (2 * sigma**2)) / (
        sigma * math.sqrt(2 * math.pi)
    )
    each = (weights[..., None] * bells).sum(1)  # (probes, points)
    error = each.std(0) / math.sqrt(probes) if probes > 1 else torch.full_like(t, math.nan)
    return SpectralDensity(
        t.to(like), each.mean(0).to(like), error.to(like), nodes.to(like), weights.to(like), sigma
    )


def _quadrature(basis: KrylovBasis, steps: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights, float64 on the CPU; if the space closes early, the rest weighs 0."""
    for _ in range(steps):
        basis.extend()
        largest = float(basis.T.abs().max())
        if basis.beta <= torch.finfo(basis.Q.dtype).eps * largest:
            break
    values, s = basis.ritz()
    missing = steps - basis.count
    nodes = torch.cat([values, values[-1:].expand(missing)])
    return nodes, torch.cat([s[0].square(), values.new_zeros(missing)])

"""How much of one subspace lies in another."""

from __future__ import annotations

import torch
from torch import Tensor

from .._precision import widen
from .._scale import unit


def subspace_overlap(A: Tensor, B: Tensor) -> Tensor:
    r"""Return the share of the span of A's columns that lies in the span of B's.

    .. math::
        \frac{1}{k} \lVert Q_B^\top Q_A \rVert_F^2
        = \frac{1}{k} \sum_{i=1}^{k} \cos^2 \vartheta_i, \qquad k = \operatorname{rank} A

    :math:`Q_A, Q_B` are orthonormal bases, :math:`\vartheta_i` the principal angles. It is 1 if the
    span of A lies in that of B, 0 if they are orthogonal, and m / P on average for a random
    m-dimensional span B in P dimensions: compare with that. It is symmetric if the ranks are equal.

    Args:
        A: Vectors, one a column, shape (P, k), as ``top_eigenvalues`` gives them.
        B: Vectors, one a column, shape (P, m). Neither needs to be orthogonal or independent.

    Returns:
        A number in [0, 1]. It is exact up to rounding; singular values below max(P, k) · machine
        epsilon times the largest count as 0.

    Raises:
        ValueError: If the shapes do not fit, or a matrix is zero or not finite.

    Example:
        >>> axes = torch.eye(4)
        >>> subspace_overlap(axes[:, :2], 3 * axes[:, 1:])
        tensor(0.5000)

    Source:
        Gur-Ari, Roberts and Dyer (2018), Gradient Descent Happens in a Tiny Subspace, section 3,
        for the normalized overlap.

    Chapter:
        signal_propagation
    """
    if A.ndim != 2 or B.ndim != 2 or len(A) != len(B):
        raise ValueError(
            "subspace_overlap: need matrices (P, k) and (P, m), got shapes "
            f"{tuple(A.shape)} and {tuple(B.shape)}"
        )
    Q_A, Q_B = _basis("A", A), _basis("B", B)
    return (Q_B.T @ Q_A).square().sum() / Q_A.shape[1]


def _basis(name: str, M: Tensor) -> Tensor:
    """Orthonormal columns with the span of those of M."""
    if not M.isfinite().all() or not M.any():
        raise ValueError(f"subspace_overlap: {name} must be finite and not zero")
    M = widen(M)
    U, s, _ = torch.linalg.svd(M / unit(M), full_matrices=False)
    return U[:, s > max(M.shape) * torch.finfo(M.dtype).eps * s[0]]

"""An orthonormal basis of a Krylov space, and what a symmetric matrix is on it."""

from __future__ import annotations

import torch
from torch import Tensor

from .._scale import direction, norm
from .hessian_product import Product


class KrylovBasis:
    """The Lanczos process with full reorthogonalization.

    Attributes:
        count: Number of basis vectors that have been multiplied.
        Q: The basis, one vector a row; the first ``count`` rows count.
        W: Their products HQ.
        T: QHQᵀ in float64 on the CPU: tridiagonal but for rounding and restarts.
        beta: Norm of what the last product adds to the space.
    """

    def __init__(self, product: Product, start: Tensor, size: int) -> None:
        self.product, self.size, self.count, self.beta = product, size, 0, 0.0
        self.Q = start.new_empty(size, len(start))
        self.W = torch.empty_like(self.Q)
        self.T = torch.zeros(size, size, dtype=torch.float64, device="cpu")
        self.next = direction(start)

    def extend(self) -> None:
        """Multiply the next vector, and make the product orthogonal to all before it."""
        j = self.count
        self.Q[j] = self.next
        w = self.W[j] = self.product(self.next)
        self.count = j + 1
        c, r = self.split(w)
        self.T[j, : j + 1] = self.T[: j + 1, j] = c.to("cpu", torch.float64)
        self.set_next(r)

    def split(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Coefficients of w in the basis, and the rest, made orthogonal twice against rounding."""
        Q = self.Q[: self.count]
        c = Q @ w
        r = torch.addmv(w, Q.T, c, alpha=-1)
        return c, torch.addmv(r, Q.T, Q @ r, alpha=-1)

    def set_next(self, r: Tensor) -> None:
        """Take r, scaled to unit length, as the next vector."""
        beta = norm(r)
        self.beta = float(beta)
        self.next = r / beta if self.beta > 0 else r

    def ritz(self) -> tuple[Tensor, Tensor]:
        """Eigenvalues and eigenvectors of T, rising, in float64 on the CPU."""
        return torch.linalg.eigh(self.T[: self.count, : self.count])

    def combine(self, s: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors with coefficients s (count, n), and their products, one a row."""
        s = s.T.to(self.Q)
        return s @ self.Q[: self.count], s @ self.W[: self.count]

    def compress(self, values: Tensor, s: Tensor) -> None:
        """Keep only these Ritz vectors: a thick restart."""
        kept = len(values)
        self.Q[:kept], self.W[:kept] = self.combine(s)
        self.T.zero_()
        self.T[range(kept), range(kept)] = values
        self.count = kept

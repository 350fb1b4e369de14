r"""Which columns of data are constant, and which directions have variance: no more than rounding?

The mean of N numbers is rounded, and so are the numbers themselves. What is left of a constant
column after its mean is not 0 but up to a step of that rounding, and of data in a subspace a little
sticks out of it. One rule serves all: **a spread no larger than the machine epsilon times the
largest value of the column counts as none.**
"""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib import _scale


def column_mean(X: Tensor, dim: int = 0) -> Tensor:
    """Return the mean of each column of X; of equal numbers it is that number, unrounded.

    A column runs along ``dim``: data are (N, d), a sample a row.
    """
    first = X.narrow(dim, 0, 1)
    return torch.where((first == X).all(dim), first.squeeze(dim), _scale.mean(X, dim))


def column_std(X: Tensor, mean: Tensor, dim: int = 0) -> Tensor:
    """Return the standard deviation of each column, 0 where the column is constant.

    The decision takes the mean once more, of what is left after the first: so the rounding of the
    mean, which grows with N, is no part of the spread.
    """
    left = X - mean.unsqueeze(dim)
    spread = _scale.root_mean_square(left - _scale.mean(left, dim, keepdim=True), (dim,))
    constant = spread <= torch.finfo(X.dtype).eps * X.abs().amax(dim)
    return torch.where(constant, 0, _scale.root_mean_square(left, (dim,)))


def least_std(X: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    r"""Return the standard deviation up to which a principal axis of the data has no variance.

    .. math::
        \max\Bigl(\max(N, d)\, u\, \sigma_{\max},\;
            u \sqrt{\textstyle\sum_j \max_i x_{ij}^2} + 2 \lVert \delta \rVert\Bigr)

    The first is the rounding of a singular value decomposition, the second that of the data and of
    their mean, with :math:`u` the machine epsilon and :math:`\delta` the mean of what is left after
    the mean: an error that all rows share, and that may make one more direction.

    Args:
        X: Data (N, d), of ordinary size.
        mean: What was subtracted, shape (d,); zeros for data that are taken as they are.
        std: Standard deviations along the axes.
    """
    eps = torch.finfo(X.dtype).eps
    decomposition = max(X.shape) * eps * std.max()
    if not mean.any():
        return decomposition
    delta = (X - mean).mean(0)
    rounding = eps * _scale.norm(X.abs().amax(0)) + 2 * _scale.norm(delta)
    return torch.maximum(decomposition, rounding)

"""Numbers that tell the shape of a loss surface."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["shape_of_surface"]


def shape_of_surface(loss: Tensor, spacing: float) -> dict[str, Tensor]:
    r"""Numbers of a surface ``[points, points]`` around its centre.

    ``curvature``: trace of the matrix of second differences at the centre. ``negative``: mean over
    the inner points of :math:`|\min(\lambda_1, 0)| / \max|\lambda|` of that matrix. ``area``: share
    of the points with a loss below that of the centre plus 1. ``minima``: inner points below their
    eight neighbours.

    Args:
        loss: values on a square grid with an odd number of points a side.
        spacing: distance between neighbours.
    """
    z = loss.double()
    inner = z[1:-1, 1:-1]
    aa = (z[2:, 1:-1] - 2 * inner + z[:-2, 1:-1]) / spacing**2
    bb = (z[1:-1, 2:] - 2 * inner + z[1:-1, :-2]) / spacing**2
    ab = (z[2:, 2:] - z[2:, :-2] - z[:-2, 2:] + z[:-2, :-2]) / (4 * spacing**2)
    values = torch.linalg.eigvalsh(torch.stack([aa, ab, ab, bb], -1).view(*aa.shape, 2, 2))
    low, size = values[..., 0], values.abs().amax(-1)
    middle = len(aa) // 2
    neighbours = F.max_pool2d(-z[None, None], 3, stride=1)[0, 0]
    return {
        "curvature": (aa + bb)[middle, middle],
        "negative": (low.clamp_max(0).abs() / size.clamp_min(1e-12)).mean(),
        "area": (z <= z[len(z) // 2, len(z) // 2] + 1).double().mean(),
        "minima": (-inner >= neighbours).double().sum(),
    }

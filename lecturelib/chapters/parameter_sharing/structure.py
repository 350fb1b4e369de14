r"""A convolution as a matrix: which entry is zero, and which weight stands in the others."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["convolution_matrix", "output_size", "which_weight"]


def output_size(
    size: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    r"""Places of a window along one side.

    .. math:: \lfloor (H + 2P - d(F-1) - 1) / S \rfloor + 1

    Args:
        size: :math:`H`, pixels of the side.
        kernel: :math:`F`, weights of the side.
        stride: :math:`S`, pixels from one place to the next.
        padding: :math:`P`, pixels added on either end.
        dilation: :math:`d`, pixels from one weight to the next.

    Raises:
        ValueError: A number is out of range, or the window does not fit.

    >>> output_size(32, 5, padding=2), output_size(8, 3, stride=2)
    (32, 3)
    """
    if min(size, kernel, stride, dilation) < 1 or padding < 0:
        raise ValueError(
            "output_size: size, kernel, stride and dilation must be at least 1 and padding at "
            f"least 0, got {(size, kernel, stride, dilation, padding)}"
        )
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError(
            f"output_size: a window of {dilation * (kernel - 1) + 1} pixels does not fit into "
            f"{size} with a padding of {padding}"
        )
    return room // stride + 1


def which_weight(
    side: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> Tensor:
    """Which weight of a square kernel stands where in the matrix of the convolution.

    Args:
        side: height and width of the image.
        kernel: height and width of the kernel.
        stride: pixels from one window to the next.
        padding: zeros around the image.
        dilation: pixels from one weight to the next.

    Returns:
        The number of the weight, row by row from 0, or −1 where the entry is zero. A row is a place
        of the output, a column a pixel: shape (outputs, side²).

    >>> which_weight(3, 2)[0]
    tensor([ 0,  1, -1,  2,  3, -1, -1, -1, -1])
    """
    places = output_size(side, kernel, stride=stride, padding=padding, dilation=dilation)
    # Lines of pixels that each weight of a line of the kernel meets at each place.
    lines = stride * torch.arange(places)[:, None] + dilation * torch.arange(kernel) - padding
    row, column = lines[:, None, :, None], lines[None, :, None, :]
    inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
    pixel = torch.where(inside, row * side + column, side**2).reshape(places**2, kernel**2)
    found = torch.full((places**2, side**2 + 1), -1)
    found.scatter_(1, pixel, torch.arange(kernel**2).expand(places**2, -1))
    return found[:, :-1]


def convolution_matrix(weight: Tensor, side: int, **options: int) -> Tensor:
    """The matrix of a convolution of square images with one channel.

    Args:
        weight: the kernel, (F, F).
        side: height and width of the image.
        options: ``stride``, ``padding`` and ``dilation``, as in ``torch.nn.functional.conv2d``.

    Returns:
        Shape (outputs, side²), for images and outputs that are flattened row by row.

    >>> kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> convolution_matrix(kernel, 2, padding=1)[4]
    tensor([1., 2., 3., 4.])
    """
    index = which_weight(side, len(weight), **options)
    return torch.where(index >= 0, weight.flatten()[index.clamp_min(0)], 0.0)

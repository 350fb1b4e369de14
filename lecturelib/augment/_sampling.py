"""The value of an image at any place: bilinear between pixels, by a rule beyond the edge."""

from __future__ import annotations

import torch
from torch import Tensor

from .._precision import widen

PADDING_MODES = ("constant", "replicate", "reflect", "circular")


def check_padding(call: str, padding_mode: str) -> None:
    """Raise unless the rule beyond the edge has one of PyTorch's names."""
    if padding_mode not in PADDING_MODES:
        raise ValueError(
            f"{call}: padding_mode must be one of {PADDING_MODES}, got {padding_mode!r}"
        )


def bilinear(
    images: Tensor, rows: Tensor, columns: Tensor, padding_mode: str, value: float
) -> Tensor:
    r"""Return the images at places that need not be pixels.

    .. math::
        x(r, c) = (1 - a)(1 - b)\, x_{ij} + (1 - a)\, b\, x_{i,j+1}
        + a (1 - b)\, x_{i+1,j} + a b\, x_{i+1,j+1},
        \qquad i = \lfloor r \rfloor, \; j = \lfloor c \rfloor, \; a = r - i, \; b = c - j

    Args:
        images: Shape (N, C, H, W).
        rows: The places' r in pixels, shape (1 or N, H' or 1, W' or 1), in the wide dtype.
        columns: The places' c, as the rows.
        padding_mode: How a line goes on beyond its ends, as in ``torch.nn.functional.pad``.
        value: What is there for "constant".

    Returns:
        Images of shape (N, C, H', W'), in the dtype of the images.
    """
    x = widen(images)
    down = _neighbours(rows, images.shape[2], padding_mode)
    across = _neighbours(columns, images.shape[3], padding_mode)
    y = torch.zeros((), dtype=x.dtype, device=x.device)
    for i, row_weight in down:
        for j, column_weight in across:
            y = y + (row_weight * column_weight).unsqueeze(1) * gather(x, i, j)
    if padding_mode == "constant" and value != 0:
        covered = (down[0][1] + down[1][1]) * (across[0][1] + across[1][1])
        y = y + value * (1 - covered).unsqueeze(1)
    return y.to(images.dtype)


def _neighbours(places: Tensor, size: int, padding_mode: str) -> list[tuple[Tensor, Tensor]]:
    """The two pixels of a line that a place lies between, each with its weight.

    With "constant" a pixel beyond the line has no weight.
    """
    first = places.floor()
    a = places - first
    neighbours = []
    for index, weight in ((first.long(), 1 - a), (first.long() + 1, a)):
        at, inside = wrap(index, size, padding_mode)
        weight = weight * inside if padding_mode == "constant" else weight
        neighbours.append((at, weight))
    return neighbours


def window(
    images: Tensor,
    height: int,
    width: int,
    top: Tensor,
    left: Tensor,
    padding_mode: str,
    value: float,
) -> Tensor:
    """Return a window of whole pixels, from a place (N or 1, 1, 1) that may lie beyond the edge."""
    rows = top + torch.arange(height, device=images.device).view(1, -1, 1)
    columns = left + torch.arange(width, device=images.device).view(1, 1, -1)
    i, inside_rows = wrap(rows, images.shape[2], padding_mode)
    j, inside_columns = wrap(columns, images.shape[3], padding_mode)
    found = gather(images, i, j)
    if padding_mode != "constant":
        return found
    return found.masked_fill(~(inside_rows & inside_columns).unsqueeze(1), value)


def gather(images: Tensor, i: Tensor, j: Tensor) -> Tensor:
    """Return the pixels of places within the images, which broadcast to (N, H', W')."""
    n, channels, _, width = images.shape
    flat = i * width + j
    index = flat.flatten(1).unsqueeze(1).expand(n, channels, -1)
    return images.flatten(2).gather(2, index).unflatten(2, flat.shape[1:])


def wrap(index: Tensor, size: int, padding_mode: str) -> tuple[Tensor, Tensor]:
    """Bring places of a line into it, and tell which were there already."""
    inside = (index >= 0) & (index < size)
    if padding_mode == "circular":
        return index.remainder(max(size, 1)), inside
    if padding_mode == "reflect":  # d c b | a b c d | c b a: there and back is a period
        period = max(2 * (size - 1), 1)
        index = index.remainder(period)
        return torch.minimum(index, period - index).clamp(max=max(size - 1, 0)), inside
    return index.clamp(0, max(size - 1, 0)), inside


def grid(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rows (1, H, 1) and the columns (1, 1, W) of the pixels, in the wide dtype."""
    x = widen(images[:0])
    rows = torch.arange(images.shape[2], dtype=x.dtype, device=x.device).view(1, -1, 1)
    columns = torch.arange(images.shape[3], dtype=x.dtype, device=x.device).view(1, 1, -1)
    return rows, columns


def centre(images: Tensor) -> tuple[float, float]:
    """Return the row and the column of the middle."""
    return (images.shape[2] - 1) / 2, (images.shape[3] - 1) / 2

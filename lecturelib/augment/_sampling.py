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
    i, j = rows.floor(), columns.floor()
    a, b = (rows - i).unsqueeze(1), (columns - j).unsqueeze(1)
    i, j = i.long(), j.long()

    def pixel(di: int, dj: int) -> Tensor:
        return pixels(x, i + di, j + dj, padding_mode, value)

    top = (1 - b) * pixel(0, 0) + b * pixel(0, 1)
    bottom = (1 - b) * pixel(1, 0) + b * pixel(1, 1)
    return ((1 - a) * top + a * bottom).to(images.dtype)


def pixels(
    images: Tensor, rows: Tensor, columns: Tensor, padding_mode: str, value: float
) -> Tensor:
    """Return the pixels of whole places, which broadcast to (N, H', W'), as (N, C, H', W')."""
    n, channels, height, width = images.shape
    i, inside_rows = wrap(rows, height, padding_mode)
    j, inside_columns = wrap(columns, width, padding_mode)
    flat = i * width + j
    shape = flat.shape[1:]
    index = flat.flatten(1).unsqueeze(1).expand(n, channels, -1)
    found = images.flatten(2).gather(2, index).reshape(n, channels, *shape)
    if padding_mode != "constant":
        return found
    return found.masked_fill(~(inside_rows & inside_columns).unsqueeze(1), value)


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

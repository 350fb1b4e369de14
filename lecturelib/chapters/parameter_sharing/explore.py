"""The figure of ``parameter_sharing`` that a reader can move, for ``lecturelib.explore``."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lecturelib.chapters.parameter_sharing.figures import WEIGHTS, draw_index
from lecturelib.chapters.parameter_sharing.structure import output_size, which_weight
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled

SIDE = 6  # of the image
PLACES = ("first", "second", "middle", "last")
"""Windows that can be chosen, in the order of reading the output."""


def number_of(place: str, outputs: int) -> int:
    """The number of the window, in the order of reading.

    >>> [number_of(place, 16) for place in PLACES]
    [0, 1, 7, 15]
    """
    last = outputs - 1
    return {"first": 0, "second": min(1, last), "middle": last // 2, "last": last}[place]


@styled
def _image(kernel: int, stride: int, padding: int, dilation: int, place: str) -> Figure:
    fig, ax = canvas(width=3.3, height=3.5)
    side = output_size(SIDE, kernel, stride=stride, padding=padding, dilation=dilation)
    row, column = divmod(number_of(place, side**2), side)
    top, left = stride * row - padding, stride * column - padding
    for i in range(-padding, SIDE + padding):
        for j in range(-padding, SIDE + padding):
            k, ell = (i - top) / dilation, (j - left) / dilation
            seen = k in range(kernel) and ell in range(kernel)
            color = WEIGHTS[int(k) * kernel + int(ell)] if seen else "none"
            inside = 0 <= i < SIDE and 0 <= j < SIDE
            style = "-" if inside else ":"
            ax.add_patch(Rectangle((j, i), 1, 1, fc=color, ec=TEXT, lw=0.8, ls=style))
    ax.set(xlim=(-1.1, SIDE + 1.1), ylim=(SIDE + 1.1, -1.1), aspect="equal")
    ax.set_title("image and window", loc="left", fontsize=11)
    ax.axis("off")
    return fig


@styled
def _matrix(kernel: int, stride: int, padding: int, dilation: int, place: str) -> Figure:
    fig, ax = canvas(width=3.7, height=3.5)
    index = which_weight(SIDE, kernel, stride=stride, padding=padding, dilation=dilation).numpy()
    draw_index(ax, index)
    row = number_of(place, len(index))
    box = Rectangle((-0.5, row - 0.5), SIDE**2, 1, fc="none", ec=PALETTE["vermillion"], lw=2)
    ax.add_patch(box)
    ax.set(xlabel="pixel", ylabel="output", ylim=(SIDE**2 - 0.5, -0.5))
    ax.set_xticks(np.arange(0, SIDE**2, SIDE))
    ax.set_yticks(np.arange(0, SIDE**2, SIDE))
    return fig


def kernel_and_matrix(
    kernel: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1, place: str = "first"
) -> list[Figure]:
    """A window on an image of 6×6 pixels, and the row of the matrix that it is.

    Args:
        kernel: height and width of the kernel.
        stride: pixels from one window to the next.
        padding: zeros around the image.
        dilation: pixels from one weight to the next.
        place: one of :data:`PLACES`.
    """
    options = (kernel, stride, padding, dilation, place)
    return [_image(*options), _matrix(*options)]


def describe(kernel: int, stride: int, padding: int, dilation: int, place: str) -> str:
    """The sentence under :func:`kernel_and_matrix`."""
    index = which_weight(SIDE, kernel, stride=stride, padding=padding, dilation=dilation)
    side = round(len(index) ** 0.5)
    row = number_of(place, len(index))
    filled = int((index >= 0).sum())
    unseen = int((index < 0).all(0).sum())
    return (
        f"Output {side} × {side}. Row {row} of the matrix has {int((index[row] >= 0).sum())} "
        f"entries other than zero, the whole matrix {filled} of {index.numel()}, made of "
        f"{len(index[index >= 0].unique())} weights. No window looks at {unseen} of the "
        f"{SIDE**2} pixels."
    )

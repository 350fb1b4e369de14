"""Figures of the chapter ``parameter_sharing``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from torch import Tensor

from lecturelib.chapters.parameter_sharing.structure import which_weight
from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled

NETWORKS = {
    "perceptron": ("grey", "o"),
    "pattern": ("sky", "s"),
    "scan": ("vermillion", "^"),
}
"""Colour and marker of the networks that are compared."""

# Nine colours, one a weight of a 3×3 kernel: three hues for its rows, light to dark in a row.
WEIGHTS = (
    "#9ecae1", "#3182bd", "#08519c",
    "#fdd0a2", "#f08a24", "#a63603",
    "#a1d99b", "#31a354", "#006d2c",
)  # fmt: skip


@styled
def places(images: Tensor, titles: Sequence[str]) -> Figure:
    """Images side by side, square and grey.

    Args:
        images: (N, side²).
        titles: one an image.
    """
    fig, axes = canvas(1, len(images), width=1.7 * len(images), height=2.1)
    side = round(images.shape[1] ** 0.5)
    for ax, image, title in zip(axes, images, titles, strict=True):
        ax.imshow(image.reshape(side, side).numpy(), cmap="cividis", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, loc="left", fontsize=10)
    return fig


@styled
def moved(shifts: Sequence[int], found: Mapping[str, Any]) -> Figure:
    """Accuracy against the shift of the test images; median and range of the seeds.

    Args:
        shifts: pixels to the right.
        found: ``[len(shifts), S]`` for names of :data:`NETWORKS`.
    """
    fig, ax = canvas(height=3.6)
    lines = {}
    for name, values in found.items():
        color, marker = NETWORKS[name]
        v = 100 * np.asarray(values)
        ax.fill_between(shifts, v.min(1), v.max(1), color=PALETTE[color], alpha=0.25, lw=0)
        (lines[name],) = ax.plot(shifts, np.median(v, 1), marker=marker, color=PALETTE[color])
    ax.axhline(10, color=TEXT, ls=":", lw=1)
    ax.set(xlabel="shift to the right (pixels)", ylabel="test accuracy (%)", ylim=(0, 100))
    ax.set_xticks(list(shifts))
    label_ends(ax, lines)
    return fig


@styled
def toeplitz(pixels: int = 5, weights: int = 3) -> Figure:
    """The matrix of a convolution in one dimension, its entries by name."""
    outputs = pixels - weights + 1
    fig, ax = canvas(width=4.2, height=2.6)
    for row in range(outputs):
        for column in range(pixels):
            k = column - row
            inside = 0 <= k < weights
            color = WEIGHTS[1 + 3 * k] if inside else "none"
            box = Rectangle((column, outputs - 1 - row), 1, 1, fc=color, ec=TEXT, lw=1)
            ax.add_patch(box)
            label = f"$w_{k + 1}$" if inside else "0"
            ax.text(column + 0.5, outputs - 0.5 - row, label, ha="center", va="center",
                    color="white" if inside else TEXT, fontsize=13)  # fmt: skip
    _bare(ax, (-0.1, pixels + 0.1), (-0.1, outputs + 0.1))
    return fig


@styled
def matrix(side: int = 5, kernel: int = 3, padding: int = 1) -> Figure:
    """The matrix of a convolution of images: a colour a weight, nothing where it is zero.

    Args:
        side: height and width of the image.
        kernel: height and width of the kernel, at most 3.
        padding: zeros around the image.
    """
    fig, (left, right) = canvas(1, 2, width=6.8, height=4.4, width_ratios=(1, 4))
    draw_index(left, np.arange(kernel**2).reshape(kernel, kernel))
    left.set_title("kernel", loc="left")
    index = which_weight(side, kernel, padding=padding).numpy()
    draw_index(right, index)
    outputs = round(len(index) ** 0.5)
    for line in range(0, side * side + 1, side):
        right.axvline(line - 0.5, color=TEXT, lw=0.6)
    for line in range(0, outputs * outputs + 1, outputs):
        right.axhline(line - 0.5, color=TEXT, lw=0.6)
    right.set_title("its matrix", loc="left")
    return fig


def draw_index(ax: Axes, index: Any) -> None:
    """Numbers of weights as coloured cells; −1 is left empty."""
    shown = np.ma.masked_less(np.asarray(index), 0)
    ax.imshow(shown, cmap=ListedColormap(WEIGHTS), vmin=-0.5, vmax=8.5, interpolation="nearest")
    ax.set(xticks=[], yticks=[])


def _bare(ax: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    ax.set(xlim=x, ylim=y, aspect="equal")
    ax.axis("off")


def _box(ax: Axes, x: float, y: float, label: str, color: str) -> None:
    style = FancyBboxPatch((x - 0.42, y - 0.25), 0.84, 0.5, boxstyle="round,pad=0.02", lw=1,
                           ec=TEXT, fc=PALETTE[color])  # fmt: skip
    ax.add_patch(style)
    ax.text(x, y, label, ha="center", va="center", color="white", fontsize=11)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": TEXT, "lw": 1.2})


@styled
def plans() -> Figure:
    """Three ways from inputs to outputs: a matrix a layer, one for all, two tasks on one trunk."""
    fig, axes = canvas(1, 3, width=7.6, height=3.4)
    own = ("blue", "orange", "green")
    for ax, labels, colors in (
        (axes[0], ("$W_1$", "$W_2$", "$W_3$"), own),
        (axes[1], ("$W$", "$W$", "$W$"), ("blue",) * 3),
    ):
        for i, (label, color) in enumerate(zip(labels, colors, strict=True)):
            _box(ax, 0, i, label, color)
            _arrow(ax, (0, i - 0.75), (0, i - 0.3))
        _arrow(ax, (0, 2.27), (0, 2.75))
    ax = axes[2]
    for i, (label, color) in enumerate((("$W_1$", "blue"), ("$W_2$", "purple"))):
        _box(ax, 0, i, label, color)
        _arrow(ax, (0, i - 0.75), (0, i - 0.3))
    for x, label, color in ((-0.6, "digit", "orange"), (0.6, "parity", "green")):
        _box(ax, x, 2, label, color)
        _arrow(ax, (0, 1.27), (x, 1.73))
        _arrow(ax, (x, 2.27), (x, 2.75))
    for ax, title in zip(axes, ("untied", "tied layers", "two tasks"), strict=True):
        _bare(ax, (-1.2, 1.2), (-0.8, 2.8))
        ax.set_title(title, fontsize=11)
    return fig


@styled
def shares(layers: Sequence[str], weights: Sequence[int], products: Sequence[int]) -> Figure:
    """Where a network's parameters are, and where its multiplications.

    Args:
        layers: names.
        weights: parameters of each layer.
        products: multiplications of each layer for one image.
    """
    fig, ax = canvas(height=2.6)
    place = np.arange(len(layers))
    for offset, values, color, name in (
        (-0.2, weights, "orange", "parameters"),
        (0.2, products, "blue", "multiplications"),
    ):
        share = 100 * np.asarray(values) / sum(values)
        ax.barh(place + offset, share, height=0.38, color=PALETTE[color], label=name)
    ax.set_yticks(place, list(layers))
    ax.invert_yaxis()
    ax.set_xlabel("share of the network (%)")
    ax.legend()
    return fig

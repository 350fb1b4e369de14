"""Figures of the chapter ``dropout``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecturelib.figures.style import PALETTE, TEXT, canvas, curve, label_ends, styled

NONE, DROPOUT = "none", "dropout"


def _band(ax: Any, x: Sequence[float], values: Any, color: str, **options: Any) -> Any:
    """Median and range over seeds of values ``[len(x), seeds]``."""
    v = np.asarray(values, dtype=float)
    ax.fill_between(x, v.min(1), v.max(1), color=PALETTE[color], alpha=0.25, lw=0)
    (line,) = ax.plot(x, np.median(v, 1), color=PALETTE[color], **options)
    return line


@styled
def courses(runs: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Accuracy over the epochs, on training labels and on true test labels.

    Args:
        runs: ``none`` and ``dropout`` → ``train`` and ``test`` → values ``[epochs, seeds]``.
    """
    fig, ax = canvas(width=6.8, height=4.0)
    lines = {}
    for method, run in runs.items():
        label = "no dropout" if method == NONE else "dropout"
        for part, style in (("train", ":"), ("test", "-")):
            x = list(range(1, len(run[part]) + 1))
            line = curve(ax, x, run[part], method, linestyle=style, marker="")
            lines[f"{label}, {part}"] = line
    ax.set(xlabel="epoch", ylabel="accuracy", ylim=(0.2, 1.02))
    ax.set_xticks([1, *range(5, len(x) + 1, 5)])
    label_ends(ax, lines)
    return fig


@styled
def bags(sizes: Sequence[int], errors: Mapping[str, Any], theory: Mapping[str, Any]) -> Figure:
    """Squared error of a bag over that of one member, measured and by the formula.

    Args:
        sizes: numbers of members.
        errors: ``bootstrap`` and ``fresh`` → values ``[sizes, seeds]``.
        theory: the same names → values ``[sizes]``.
    """
    fig, ax = canvas(width=6.8, height=4.0)
    looks = {
        "bootstrap": ("orange", "s", "bootstrap samples"),
        "fresh": ("blue", "o", "fresh data sets"),
    }
    lines = {}
    for name, (color, marker, label) in looks.items():
        v = np.asarray(errors[name], dtype=float)
        middle = np.median(v, 1)
        spread = [middle - v.min(1), v.max(1) - middle]
        ax.errorbar(sizes, middle, spread, fmt=marker, color=PALETTE[color], ms=6)
        (lines[label],) = ax.plot(sizes, theory[name], color=PALETTE[color], lw=1.4)
    ax.set(xscale="log", yscale="log", xlabel="members k (log scale)")
    ax.set_ylabel("error of the bag / of a member (log scale)")
    ax.set_xticks(list(sizes), [str(k) for k in sizes])
    ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
    ax.minorticks_off()
    label_ends(ax, lines)
    return fig


@styled
def rates(hidden: Sequence[float], accuracy: Mapping[float, Any]) -> Figure:
    """Test accuracy against the rate of hidden units.

    Args:
        hidden: probabilities of dropping a hidden unit.
        accuracy: probability of dropping an input → values ``[len(hidden), seeds]``.
    """
    fig, ax = canvas(width=6.4, height=3.8)
    lines = {}
    for (p, values), color, marker in zip(
        accuracy.items(), ("purple", "sky", "green"), ("o", "s", "^"), strict=False
    ):
        lines[f"inputs {p:g}"] = _band(ax, hidden, values, color, marker=marker)
    ax.set(xlabel="p of the hidden units", ylabel="test accuracy")
    ax.set_xticks(list(hidden))
    label_ends(ax, lines)
    return fig


@styled
def dropped_maps(image: Any, pixels: Any, channels: Any) -> Figure:
    """Maps of one image: as they are, with pixels dropped, and with channels dropped.

    Args:
        image: maps ``[C, H, W]``.
        pixels: the same after dropout of single values.
        channels: the same after dropout of channels.
    """
    rows = {"maps": image, "pixels dropped": pixels, "channels dropped": channels}
    count = len(image)
    fig, axes = canvas(3, count, width=6.8, height=3.4)
    top = float(np.asarray(pixels).max())
    for axs, (name, maps) in zip(axes, rows.items(), strict=True):
        for ax, one in zip(axs, np.asarray(maps), strict=True):
            ax.imshow(one, cmap="Blues", vmin=0, vmax=top)
            ax.set(xticks=[], yticks=[])
        axs[0].set_ylabel(name.replace(" ", "\n"), rotation=0, ha="right", va="center")
    return fig


def _tiles(filters: Any, columns: int) -> np.ndarray:
    """Filters ``[n, 8, 8]``, each over its largest size, as one image with lines between them."""
    f = np.asarray(filters, dtype=float)
    f = f / np.abs(f).max((1, 2), keepdims=True)
    rows = len(f) // columns
    image = np.full((9 * rows - 1, 9 * columns - 1), np.nan)
    for i, one in enumerate(f[: rows * columns]):
        r, c = divmod(i, columns)
        image[9 * r : 9 * r + 8, 9 * c : 9 * c + 8] = one
    return image


@styled
def filters(sets: Mapping[str, Any], *, columns: int = 8) -> Figure:
    """Weights of hidden units as images, each over its largest weight: blue up, red down.

    Args:
        sets: label → weights ``[n, 64]``.
        columns: filters in a row.
    """
    fig, axes = canvas(1, len(sets), width=6.8, height=3.7)
    for ax, (label, weights) in zip(axes, sets.items(), strict=True):
        image = _tiles(np.asarray(weights).reshape(-1, 8, 8), columns)
        ax.imshow(image, cmap="RdBu", vmin=-1, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(label)
        ax.spines[:].set_visible(False)
    return fig


@styled
def reliability(curves: Mapping[str, tuple[Any, Any, Any]]) -> Figure:
    """Accuracy against confidence, for answers of about the same confidence.

    Args:
        curves: label → confidence, accuracy and share of the answers in each bin.
    """
    fig, ax = canvas(width=5.6, height=4.6)
    ax.plot([0, 1], [0, 1], color=TEXT, lw=1, ls=":")
    colors, markers = ("grey", "purple", "sky", "vermillion"), "os^D"
    for (label, (confidence, right, share)), color, marker in zip(
        curves.items(), colors, markers, strict=False
    ):
        kept = np.asarray(share) > 0.005
        ax.plot(
            np.asarray(confidence)[kept],
            np.asarray(right)[kept],
            color=PALETTE[color],
            marker=marker,
            label=label,
        )
    ax.set(xlabel="confidence", ylabel="share of right answers", aspect="equal")
    ax.set(xlim=(0.1, 1.02), ylim=(0, 1.03))
    ax.legend(loc="lower right")
    return fig


@styled
def walls(lengths: Sequence[float], plain: Any, masks: Any) -> Figure:
    """Loss along a line: without masks, with single sets of masks, and their mean.

    Args:
        lengths: distance from the current weights.
        plain: loss without masks ``[len(lengths)]``.
        masks: loss with each set ``[len(lengths), sets]``.
    """
    fig, ax = canvas(width=6.8, height=4.0)
    m = np.asarray(masks)
    ax.plot(lengths, m, color=PALETTE["purple"], lw=0.7, alpha=0.5)
    (mean,) = ax.plot(lengths, m.mean(1), color=PALETTE["purple"], lw=3)
    (line,) = ax.plot(lengths, plain, color=PALETTE["grey"], lw=3)
    ax.axvline(0, color=TEXT, lw=0.8, ls=":")
    ax.set(xlabel="distance along the downhill direction", ylabel="loss of a batch")
    label_ends(ax, {"mean over masks": mean, "no masks": line})
    return fig

"""Figures of the chapter ``noise_and_generalization``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecturelib.figures.style import (
    METHODS,
    PALETTE,
    TEXT,
    Identity,
    canvas,
    label_ends,
    styled,
)

COLORS = ("sky", "blue")  # learning rates of one method, batch norm
LOOKS = {
    "none": METHODS["none"],
    "dropout": METHODS["dropout"],
    "stopped early": Identity(PALETTE["sky"], "<", "-"),
    "weight decay": Identity(PALETTE["vermillion"], ">", "-"),
    "noise on units": Identity(PALETTE["orange"], "D", "-"),
}


@styled
def accuracy_by_group(sizes: Sequence[int], found: Mapping[float, Any]) -> Figure:
    """Test accuracy against the size of batch norm's groups, one line a learning rate.

    Args:
        sizes: samples of a group.
        found: learning rate → accuracies ``[sizes, seeds]``.
    """
    fig, ax = canvas(height=3.9)
    ax.set(
        xscale="log",
        xlabel="samples that share their statistics (log scale)",
        ylabel="test accuracy",
    )
    lines = {}
    for (rate, values), color in zip(found.items(), COLORS, strict=False):
        v = np.asarray(values, dtype=float)
        ax.fill_between(sizes, v.min(1), v.max(1), color=PALETTE[color], alpha=0.2, linewidth=0)
        (lines[f"rate {rate:g}"],) = ax.plot(
            sizes, np.median(v, 1), color=PALETTE[color], marker="s", ms=5
        )
    ax.set_xticks(list(sizes), [str(n) for n in sizes])
    ax.minorticks_off()
    label_ends(ax, lines)
    return fig


@styled
def learnt_sizes(sizes: Any, weights: Any) -> Figure:
    """Maps of 8 × 8 pixels: the noise that each stands, and the length of its weights.

    Args:
        sizes: 64 standard deviations.
        weights: 64 lengths of the weights that leave a pixel.
    """
    fig, axes = canvas(columns=2, width=6.4, height=3.1)
    for ax, values, title in (
        (axes[0], sizes, "size of the noise"),
        (axes[1], weights, "length of the weights"),
    ):
        image = ax.imshow(np.asarray(values, dtype=float).reshape(8, 8), cmap="cividis")
        ax.set(title=title, xlabel="column of the image", ylabel="row", xticks=[], yticks=[])
        fig.colorbar(image, ax=ax, shrink=0.8)
    return fig


@styled
def sharpness_against_accuracy(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Two measures of sharpness against the test accuracy, a point a regularizer.

    Args:
        found: name → ``curvature``, ``rise`` and ``test``, one value a seed.
    """
    fig, axes = canvas(columns=2, width=7.6, height=3.6, sharey=True)
    for ax, name, label, ticks in (
        (axes[0], "curvature", "largest curvature (log scale)", (1, 2, 4, 8)),
        (axes[1], "rise", "rise of the loss nearby (log scale)", (0.03, 0.1, 0.3, 1)),
    ):
        ax.set(xscale="log", xlabel=label)
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        for kind, run in found.items():
            look = LOOKS[kind]
            x, y = (np.asarray(run[key], dtype=float) for key in (name, "test"))
            ax.plot(x, y, ".", color=look.color, alpha=0.5)
            ax.plot(np.median(x), np.median(y), look.marker, color=look.color, ms=8, label=kind)
    axes[0].set_ylabel("test accuracy")
    axes[1].legend(fontsize=9, labelcolor=TEXT, loc="lower left")
    return fig

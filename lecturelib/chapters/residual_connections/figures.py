"""Figures of the chapter ``residual_connections``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor

from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled

COLORS = {
    "plain": PALETTE["grey"],
    "linear": PALETTE["sky"],
    "He": PALETTE["vermillion"],
    "scaled": PALETTE["green"],
    "zero": PALETTE["blue"],
    "same rate": PALETTE["sky"],
}
LABELS = {
    "plain": "no skips",
    "linear": "no skips, no ReLUs",
    "He": "skips, α = 1",
    "scaled": "skips, α = 1/√M",
    "zero": "skips, V = 0",
    "same rate": "skips, rate 0.03",
}
STYLES = ("-", "--", ":")


@styled
def loss_by_rate(found: Mapping[tuple[str, int], Tensor], rates: Sequence[float]) -> Figure:
    """Training loss against the learning rate, a line for each depth, a panel for each kind.

    Args:
        found: losses ``[rates, S]`` by (kind, blocks).
        rates: learning rates.
    """
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    fig, axes = canvas(1, len(kinds), width=8.2, height=3.6, sharey=True)
    for ax, kind in zip(np.atleast_1d(axes), kinds, strict=True):
        depths = [blocks for name, blocks in found if name == kind]
        for style, blocks in zip(STYLES, depths, strict=False):
            values = found[kind, blocks].clamp_max(10).numpy()
            ax.fill_between(rates, values.min(1), values.max(1), color=COLORS[kind], alpha=0.2)
            label = f"{2 * blocks} layers"
            middle = np.median(values, 1)
            ax.plot(rates, middle, style, color=COLORS[kind], marker="o", ms=4, label=label)
        ax.axhline(np.log(10), color=TEXT, lw=0.8, ls=":")
        ax.set(xscale="log", yscale="log", ylim=(2e-3, 6), xlabel="learning rate (logarithmic)")
        ax.set_title(LABELS[kind])
        ax.legend(loc="lower left")
    np.atleast_1d(axes)[0].set_ylabel("training loss (dotted: guessing)")
    return fig


def _box(ax: Axes, y: float, text: str, color: str = TEXT) -> None:
    shape = FancyBboxPatch(
        (-0.45, y - 0.22), 0.9, 0.44, boxstyle="round,pad=0.02", fill=False, edgecolor=color, lw=1.5
    )
    ax.add_patch(shape)
    ax.text(0, y, text, ha="center", va="center", color=color)


@styled
def block() -> Figure:
    """A plain block and a residual one, from the bottom up."""
    fig, axes = canvas(1, 2, width=6.4, height=4.4)
    steps = ("ReLU", "W, b", "ReLU", "V, c")
    for ax, skip in zip(axes, (False, True), strict=True):
        for i, text in enumerate(steps):
            _box(ax, i + 1.0, text)
            ax.annotate(
                "", (0, i + 0.76), (0, i + 0.24), arrowprops={"arrowstyle": "->", "color": TEXT}
            )
        top = 5.3
        ax.annotate("", (0, top - 0.2), (0, 4.24), arrowprops={"arrowstyle": "->", "color": TEXT})
        ax.text(0, 0.0, "$h_l$", ha="center", va="center", fontsize=14)
        if skip:
            green = COLORS["scaled"]
            ax.plot([0.15, 1.0, 1.0], [0.0, 0.0, top], color=green)
            ax.annotate("", (0.2, top), (1.0, top), arrowprops={"arrowstyle": "->", "color": green})
            ax.text(0, top, "+", ha="center", va="center", fontsize=18, color=green)
            ax.text(1.08, 2.6, "skip\nconnection", va="center", color=green)
            ax.text(-0.1, 4.55, "× α", ha="right", va="center")
            ax.annotate(
                "", (0, 6.1), (0, top + 0.2), arrowprops={"arrowstyle": "->", "color": TEXT}
            )
            end = 6.35
        else:
            end = top
        ax.text(0, end, "$h_{l+1}$", ha="center", va="center", fontsize=14)
        ax.set(xlim=(-0.9, 1.9), ylim=(-0.4, 6.7), aspect="auto")
        ax.set_title("residual" if skip else "plain")
        ax.set_axis_off()
    return fig


@styled
def identity(found: Mapping[int, Mapping[str, Tensor]]) -> Figure:
    """Error of networks that are asked for their own input, against depth, each at its best rate.

    Args:
        found: errors ``[S]`` by number of blocks and name.
    """
    fig, ax = canvas(width=7.0, height=3.8)
    depths = list(found)
    lines = {}
    for name in found[depths[0]]:
        values = np.stack([np.asarray(found[blocks][name]) for blocks in depths]).clip(1e-6)
        layers = [2 * blocks + 2 for blocks in depths]
        ax.fill_between(layers, values.min(1), values.max(1), color=COLORS[name], alpha=0.2, lw=0)
        (line,) = ax.plot(layers, np.median(values, 1), "o-", color=COLORS[name], ms=4)
        lines[LABELS[name]] = line
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", ylim=(5e-7, 2), xlabel="layers with weights")
    ax.set(ylabel="error (dotted: that of the answer 0)")
    label_ends(ax, lines)
    return fig


@styled
def singular_values(found: Mapping[str, Mapping[str, Tensor]], *, floor: float = 1e-15) -> Figure:
    """Singular values of the derivative of the last block's output by the first one's input.

    Args:
        found: results of ``experiments.at_the_start`` by kind; the first seed is drawn.
        floor: values below it are drawn there.
    """
    fig, ax = canvas(width=7.0, height=3.8)
    lines = {}
    for kind, run in found.items():
        values = np.asarray(run["values"])[0].clip(floor)
        places = np.arange(1, len(values) + 1)
        (lines[LABELS[kind]],) = ax.plot(places, values, "o-", ms=3, color=COLORS[kind])
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", xlabel="number of the singular value", ylabel="singular value")
    label_ends(ax, lines)
    return fig


@styled
def surfaces(found: Mapping[str, Tensor], *, kinds: Sequence[str], radius: float) -> Figure:
    """Loss over the plane of two random directions round a trained network, a panel each.

    Args:
        found: a result of ``experiments.surfaces``; the first seed is drawn.
        kinds: which networks.
        radius: where the plane ends.
    """
    fig, axes = canvas(1, len(kinds), width=8.4, height=3.3)
    levels = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    for ax, kind in zip(axes, kinds, strict=True):
        z = found[f"surface {kind}"][0].double().clamp(1e-4, 100).numpy()
        axis = np.linspace(-radius, radius, len(z))
        lines = ax.contour(axis, axis, z.T, levels=levels, colors=COLORS[kind], linewidths=1.2)
        # Near the minimum the lines are too close for their numbers.
        ax.clabel(lines, [level for level in levels if level >= 0.1], fmt="%g", fontsize=9)
        ax.plot(0, 0, "+", color=TEXT, ms=10)
        ax.set(aspect="equal", xlabel="first direction", title=LABELS[kind])
        ax.set(xticks=[-radius, 0, radius], yticks=[-radius, 0, radius])
    axes[0].set_ylabel("second direction")
    return fig

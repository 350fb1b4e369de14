"""Figures of the chapter ``signal_propagation``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, curve, label_ends, styled

LOOKS = {
    "ReLU": METHODS["none"].color,
    "linear": PALETTE["orange"],
    "batch norm": METHODS["batch norm"].color,
    "skip": PALETTE["green"],
    "scaled skip": PALETTE["purple"],
}
NAMES = {"none": "no batch norm", "batch": "batch norm", "frozen": "statistics fixed"}
COLORS = {
    "none": METHODS["none"].color,
    "batch": METHODS["batch norm"].color,
    "frozen": PALETTE["vermillion"],
}


@styled
def channels(found: Mapping[str, Any], *, shown: int = 12) -> Figure:
    """The values of some units over a batch: a bar from the 5% to the 95% quantile each.

    Args:
        found: name of a network → values ``[units, samples]``.
        shown: how many units.
    """
    fig, axes = canvas(1, len(found), width=7.4, height=3.2, sharey=True)
    for ax, (name, values) in zip(axes, found.items(), strict=True):
        v = np.asarray(values, dtype=float)
        v = v[:shown] / np.sqrt((v**2).mean())
        low, middle, high = np.quantile(v, [0.05, 0.5, 0.95], axis=1)
        ax.axhline(0, color=TEXT, lw=0.8, ls=":")
        ax.vlines(np.arange(1, shown + 1), low, high, color=LOOKS[name], lw=4)
        ax.plot(np.arange(1, shown + 1), middle, "_", color=TEXT, ms=9)
        ax.set(title=name, xlabel="unit", xticks=[1, shown])
    axes[0].set_ylabel("value over rms")
    return fig


@styled
def gaps(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Figure:
    """One minus the mean cosine of two inputs by layer, measured and by the map.

    Args:
        found: kind of layer → values ``[layers, seeds]``.
        expected: kind of layer → values ``[layers]`` of infinitely wide layers.
    """
    fig, ax = canvas(height=4.2)
    lines = {}
    for name, values in found.items():
        v = np.asarray(values, dtype=float)
        at = np.arange(1, len(v) + 1)
        ax.fill_between(at, v.min(1), v.max(1), color=LOOKS[name], alpha=0.25, lw=0)
        (lines[name],) = ax.plot(at, np.median(v, 1), color=LOOKS[name])
        ax.plot(at, expected[name], color=TEXT, ls=":", lw=1.5)
    ax.set(yscale="log", ylim=(0.008, 1.4), xlim=(1, 50), xlabel="layer")
    ax.set_ylabel("1 − mean cosine (log scale)")
    label_ends(ax, lines)
    return fig


@styled
def both_positive(angle: float = 60.0) -> Figure:
    """The plane of two correlated values in polar form: where both are positive.

    Args:
        angle: between the two, in degrees.
    """
    fig, ax = canvas(width=4.4, height=4.0)
    t = np.radians(angle)
    arc = np.linspace(t - np.pi / 2, np.pi / 2, 60)
    ax.fill(
        np.append(np.cos(arc), 0), np.append(np.sin(arc), 0), color=PALETTE["sky"], alpha=0.35, lw=0
    )
    circle = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(circle), np.sin(circle), color=TEXT, lw=0.8)
    for direction, name, color in ((0.0, "u", "blue"), (t, "v", "vermillion")):
        x, y = 1.25 * np.cos(direction), 1.25 * np.sin(direction)
        arrow = {"arrowstyle": "-|>", "color": PALETTE[color], "lw": 2}
        ax.annotate("", (x, y), (0, 0), arrowprops=arrow)
        ax.text(1.1 * x, 1.1 * y, name, color=PALETTE[color], ha="center", va="center")
        ax.plot(
            [-np.sin(direction), np.sin(direction)],
            [np.cos(direction), -np.cos(direction)],
            color=PALETTE[color],
            lw=1,
            ls="--",
        )
    ax.set(xlim=(-1.45, 1.45), ylim=(-1.3, 1.45), aspect="equal")
    ax.axis("off")
    return fig


@styled
def pushes(sizes: Sequence[float], found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """What steps towards a class and random ones do, against their length.

    Args:
        sizes: lengths as shares of the parameters' length.
        found: ``none`` and ``batch`` → ``target`` and ``flips``, ``[sizes, seeds]``.
    """
    fig, ax = canvas(height=3.9)
    ax.set(xscale="log", ylim=(-0.03, 1.03), ylabel="share of the predictions")
    ax.set_xlabel("length of the step / length of the parameters (log scale)")
    looks = {"none": "none", "batch": "batch norm"}
    for name, values in found.items():
        curve(ax, sizes, values["target"], looks[name], label=f"{NAMES[name]}, towards the class")
        curve(
            ax,
            sizes,
            values["flips"],
            looks[name],
            linestyle="--",
            label=f"{NAMES[name]}, random: changed",
        )
    ax.legend(loc="upper left", fontsize=9)
    return fig


@styled
def eigenvectors(found: Mapping[str, Any]) -> Figure:
    """Share of each leading eigenvector in the span of the mean-output gradients.

    Args:
        found: ``none``, ``batch`` and ``frozen`` → shares ``[seeds, k]``.
    """
    fig, ax = canvas(height=3.8)
    lines = {}
    for name, values in found.items():
        v = np.asarray(values, dtype=float)
        at = np.arange(1, v.shape[1] + 1)
        ax.fill_between(at, v.min(0), v.max(0), color=COLORS[name], alpha=0.2, lw=0)
        (lines[NAMES[name]],) = ax.plot(at, np.median(v, 0), "o-", color=COLORS[name])
    ax.set(xlabel="eigenvector, from the largest eigenvalue down", ylim=(0, 1.03))
    ax.set_ylabel("share in the span")
    label_ends(ax, lines)
    return fig


@styled
def accuracies(found: Mapping[str, Mapping[float, Any]]) -> Figure:
    """Test accuracy against the rate, for plain starts and batch norm.

    Args:
        found: ``He``, ``scaled``, ``centred`` and ``batch norm`` → rate → accuracies ``[seeds]``.
    """
    colors = {"He": TEXT, "scaled": PALETTE["orange"], "centred": PALETTE["green"]}
    fig, ax = canvas(height=3.8)
    ax.set(xscale="log", ylim=(0, 1), xlabel="rate (log scale)", ylabel="test accuracy")
    for name, runs in found.items():
        rates, v = list(runs), np.asarray([np.asarray(a) for a in runs.values()], dtype=float)
        color = colors.get(name, METHODS["batch norm"].color)
        ax.fill_between(rates, v.min(1), v.max(1), color=color, alpha=0.2, lw=0)
        ax.plot(rates, np.median(v, 1), "o-", color=color, label=name)
    ticks = sorted({rate for runs in found.values() for rate in runs})
    ax.set_xticks(ticks, [f"{rate:g}" for rate in ticks])
    ax.minorticks_off()
    ax.legend(loc="lower left")
    return fig

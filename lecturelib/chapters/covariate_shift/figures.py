"""Figures of the chapter ``covariate_shift``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecturelib.figures.style import METHODS, TEXT, canvas, curve, label_ends, styled

NAMES = {"none": "none", "batch": "batch norm", "noisy": "noisy batch norm"}


@styled
def losses_by_rate(grids: Mapping[str, Sequence[float]], losses: Mapping[str, Any]) -> Figure:
    """Mean training loss against learning rate without, with and with noisy batch norm.

    Args:
        grids: ``none``, ``batch``, ``noisy`` → the learning rates that were tried.
        losses: the same → ``[rates, seeds]``; nan if it diverged.
    """
    fig, ax = canvas(height=3.8)
    lines = {
        NAMES[kind]: curve(ax, rates, losses[kind], NAMES[kind]) for kind, rates in grids.items()
    }
    rates = sorted({rate for grid in grids.values() for rate in grid})
    ax.set(xscale="log", xlabel="learning rate (log scale)", ylabel="mean training loss")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.set_ylim(bottom=0)
    label_ends(ax, lines)
    return fig


@styled
def unit_over_time(traces: Mapping[str, tuple[Any, Any]]) -> Figure:
    """Mean of one unit, with a band of its standard deviation, step by step.

    Args:
        traces: ``none``, ``batch``, ``noisy`` → means and standard deviations, ``[steps]`` each.
    """
    fig, axes = canvas(1, len(traces), width=7.2, height=2.9, sharey=True, squeeze=False)
    for ax, (kind, (means, sds)) in zip(axes[0], traces.items(), strict=True):
        mean, sd = (np.asarray(v, dtype=float) for v in (means, sds))
        steps, color = np.arange(1, len(mean) + 1), METHODS[NAMES[kind]].color
        ax.fill_between(steps, mean - sd, mean + sd, color=color, alpha=0.25, lw=0)
        ax.plot(steps, mean, color=color, lw=1.4)
        ax.axhline(0, color=TEXT, lw=0.6, ls=":")
        ax.set(xlabel="step", ylim=(-2.5, 2.5))
        ax.set_title(NAMES[kind] if kind != "none" else "no batch norm", color=color)
    axes[0, 0].set_ylabel("value of the unit")
    return fig


@styled
def shift_by_rate(
    grids: Mapping[str, Sequence[float]], cosines: Mapping[int, Mapping[str, Any]]
) -> Figure:
    """Cosine of G and G′ against learning rate, without and with batch norm, a panel a depth.

    Args:
        grids: ``none``, ``batch`` → the learning rates that were tried.
        cosines: depth → ``none``, ``batch`` → ``[rates, seeds]``.
    """
    fig, axes = canvas(1, len(cosines), width=7.2, height=3.4, sharey=True, squeeze=False)
    rates = sorted({rate for grid in grids.values() for rate in grid})
    for ax, (depth, both) in zip(axes[0], cosines.items(), strict=True):
        for kind, values in both.items():
            curve(ax, grids[kind], values, NAMES[kind])
        ax.axhline(0, color=TEXT, lw=0.6, ls=":")
        ax.set(xscale="log", xlabel="learning rate (log scale)", ylim=(-0.4, 1.05))
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.minorticks_off()
        ax.set_title(f"{depth} hidden layers")
    axes[0, 0].set_ylabel("cosine of G and G′")
    axes[0, 0].legend(loc="lower left")
    return fig

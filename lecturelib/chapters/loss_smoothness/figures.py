"""Figures of the chapter ``loss_smoothness``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecturelib.figures.style import METHODS, TEXT, canvas, curve, label_ends, styled

NAMES = {"none": "no batch norm", "batch": "batch norm"}
LOOKS = {"none": "none", "batch": "batch norm"}


@styled
def relative_loss(
    steps: Sequence[float], losses: Mapping[str, Any], *, unit: str = "step size η"
) -> Figure:
    """Loss along the negative gradient over the loss at the start, against the step.

    Args:
        steps: positions on the walk.
        losses: ``none`` and ``batch`` → relative losses ``[steps, seeds]``.
        unit: what the steps are.
    """
    fig, ax = canvas(height=3.8)
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(
        xscale="log",
        yscale="log",
        xlabel=f"{unit} (log scale)",
        ylabel="loss over its start (log scale)",
        ylim=(0.2, 200),
    )
    lines = {}
    for name, values in losses.items():
        v = np.asarray(values, dtype=float)
        shown = np.median(v, 1) < 200
        lines[NAMES[name]] = curve(ax, np.asarray(steps)[shown], v[shown], LOOKS[name], marker="")
    label_ends(ax, lines)
    return fig


@styled
def quotients(distances: Sequence[float], found: Mapping[str, Any]) -> Figure:
    """Change of the gradient over the distance walked, against the distance.

    Args:
        distances: along the negative gradient.
        found: ``none`` and ``batch`` → quotients ``[distances, seeds]``.
    """
    fig, ax = canvas(height=3.8)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="distance along the gradient (log scale)",
        ylabel="change of gradient\nover distance (log scale)",
        ylim=(0.1, 3000),
    )
    lines = {}
    for name, values in found.items():
        v = np.asarray(values, dtype=float)
        shown = np.median(v, 1) < 3000
        lines[NAMES[name]] = curve(
            ax, np.asarray(distances)[shown], v[shown], LOOKS[name], marker=""
        )
    label_ends(ax, lines)
    return fig


@styled
def accuracies(rates: Sequence[float], found: Mapping[str, Any]) -> Figure:
    """Test accuracy against the learning rate, without and with batch norm.

    Args:
        rates: learning rates.
        found: ``none`` and ``batch`` → accuracies ``[rates, seeds]``.
    """
    fig, ax = canvas(height=3.6)
    ax.set(xscale="log", xlabel="learning rate (log scale)", ylabel="test accuracy", ylim=(0, 1))
    lines = {NAMES[name]: curve(ax, rates, v, LOOKS[name]) for name, v in found.items()}
    ax.set_xticks(list(rates), [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    label_ends(ax, lines)
    return fig


@styled
def residual_lines(g: Any, y_hat: Any) -> Figure:
    """The gradient that arrives at batch norm, and what of it passes, as residuals of a line.

    Args:
        g: gradient that arrives, one value a sample.
        y_hat: normalized values.
    """
    g, y_hat = np.asarray(g, dtype=float), np.asarray(y_hat, dtype=float)
    slope, level = (g * y_hat).mean(), g.mean()
    fig, ax = canvas(height=3.4)
    ends = np.array([y_hat.min(), y_hat.max()])
    ax.plot(ends, level + slope * ends, color=TEXT, lw=1.5)
    ax.vlines(y_hat, level + slope * y_hat, g, color=METHODS["batch norm"].color, lw=1.5)
    ax.plot(y_hat, g, "o", color=METHODS["batch norm"].color, ms=4)
    ax.set(xlabel="normalized value of the sample", ylabel="gradient that arrives")
    return fig

"""Figures of the chapter ``parameter_norms``: one function a figure, each returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lecturelib.figures.style import PALETTE, TEXT, canvas, label_ends, styled

TRAIN, TEST = PALETTE["grey"], PALETTE["vermillion"]
L1, L2, STOPPED = PALETTE["orange"], PALETTE["green"], PALETTE["purple"]


@styled
def courses(runs: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Accuracy on training and test data after each epoch: a panel a run, median and range.

    Args:
        runs: by title, values ``[epochs, S]`` of ``"train"`` and ``"test"``.
    """
    options = {"sharey": True, "squeeze": False}
    fig, axes = canvas(1, len(runs), width=7.4, height=3.5, **options)
    looks = {"train": ("given training labels", TRAIN), "test": ("true test labels", TEST)}
    for ax, (title, run) in zip(axes[0], runs.items(), strict=True):
        for name, (label, color) in looks.items():
            v = np.asarray(run[name])
            epochs = np.arange(1, len(v) + 1)
            ax.fill_between(epochs, v.min(1), v.max(1), color=color, alpha=0.25, lw=0)
            ax.plot(epochs, np.median(v, 1), color=color, label=label)
        ax.set(xlabel="epoch", ylim=(0, 1.02))
        ax.set_title(title, loc="left")
    axes[0, 0].set_ylabel("accuracy")
    axes[0, -1].legend(loc="lower right", fontsize=10)
    return fig


@styled
def fits(x: Any, truth: Any, found: Mapping[str, Any], *, shown: int = 25) -> Figure:
    """Fits to many training sets with their mean and the truth: a panel a way to fit.

    Args:
        x: inputs, sorted.
        truth: expected targets at x.
        found: by title, predictions ``[repeats, len(x)]``.
        shown: how many of the fits are drawn.
    """
    options = {"sharex": True, "sharey": True, "squeeze": False}
    fig, axes = canvas(1, len(found), width=7.6, height=3.1, **options)
    for ax, (title, values) in zip(axes[0], found.items(), strict=True):
        v = np.asarray(values)
        ax.plot(x, v[:shown].T, color=PALETTE["sky"], lw=0.7, alpha=0.5)
        ax.plot(x, truth, color=TEXT, ls="--", label="truth")
        ax.plot(x, v.mean(0), color=PALETTE["blue"], label="mean fit")
        ax.set(xlabel="input", ylim=(-2, 2))
        ax.set_title(title, loc="left")
    axes[0, 0].set_ylabel("prediction")
    axes[0, 0].legend(loc="lower right", fontsize=9)
    return fig


@styled
def parts(strengths: Sequence[float], rows: Mapping[str, Sequence[float]]) -> Figure:
    """Parts of the risk against the strength of a penalty, logarithmic.

    Args:
        strengths: λ.
        rows: by the name of the part, a value a strength.
    """
    fig, ax = canvas(height=3.9)
    colors = (PALETTE["blue"], PALETTE["orange"], TEXT, TEST)
    lines = {}
    for (name, values), color in zip(rows.items(), colors, strict=False):
        (lines[name],) = ax.plot(strengths, values, "o-", ms=4, color=color)
    ax.set(xscale="log", yscale="log", xlabel="strength λ", ylabel="part of the risk")
    label_ends(ax, lines)
    return fig


@styled
def curve_of_solutions(
    hessian: Any, minimum: Any, path: Any, strengths: Sequence[float], marked: Sequence[int]
) -> Figure:
    """Contours of a quadratic loss and the minima with a penalty λ‖w‖², one scale for both axes.

    Args:
        hessian: ``[2, 2]``.
        minimum: where the loss is smallest.
        path: minima ``[len(strengths), 2]`` with the penalty.
        strengths: λ, in ascending order.
        marked: which of them are drawn as dots, with their λ.
    """
    h, star, w = (np.asarray(v, dtype=float) for v in (hessian, minimum, path))
    fig, ax = canvas(width=5.4, height=4.4)
    x, y = np.linspace(-0.6, 3.2, 120), np.linspace(-0.6, 2.6, 120)
    away = np.stack(np.meshgrid(x, y), -1) - star
    loss = ((away @ h) * away).sum(-1) / 2
    levels = 0.05 * np.arange(1, 9) ** 2
    ax.contour(x, y, loss, levels=levels, colors=TEXT, linewidths=0.6, alpha=0.7)
    ax.plot(w[:, 0], w[:, 1], color=L2)
    for i in marked:
        ax.plot(*w[i], "o", color=L2, ms=6)
        ax.annotate(f"λ = {strengths[i]:g}", w[i], (6, -12), textcoords="offset points", color=L2)
    ax.plot(*star, "+", color=TEXT, ms=12, mew=2)
    ax.annotate("w*", star, (6, 6), textcoords="offset points", color=TEXT)
    ax.plot(0, 0, "x", color=TEXT, ms=8)
    ax.set(xlabel="first weight", ylabel="second weight", aspect="equal")
    return fig


@styled
def thresholds(values: Any, found: Mapping[str, Any]) -> Figure:
    """What two penalties make of the minimum of one weight, one scale for both axes.

    Args:
        values: minima without a penalty.
        found: by label, the minima with one.
    """
    fig, ax = canvas(width=4.6, height=4.2)
    ax.plot(values, values, "--", color=TEXT, lw=1, label="no penalty")
    for (label, w), color in zip(found.items(), (L1, L2), strict=True):
        ax.plot(values, w, color=color, label=label)
    ax.set(xlabel="minimum without penalty", ylabel="minimum with penalty", aspect="equal")
    ax.legend(loc="upper left", fontsize=10)
    return fig


@styled
def weight_paths(strengths: Sequence[float], found: Mapping[str, Any], relevant: Any) -> Figure:
    """Every weight against λ, a panel a penalty; inputs that count are in colour.

    Args:
        strengths: λ.
        found: by title, weights ``[len(strengths), D]``.
        relevant: mask ``[D]`` of the inputs that count.
    """
    options = {"sharey": True, "squeeze": False}
    fig, axes = canvas(1, len(found), width=7.4, height=3.5, **options)
    mask = np.asarray(relevant, dtype=bool)
    for ax, (title, weights), color in zip(axes[0], found.items(), (L1, L2), strict=True):
        w = np.asarray(weights)
        ax.plot(strengths, w[:, ~mask], color=TEXT, lw=0.7, alpha=0.6)
        ax.plot(strengths, w[:, mask], color=color, lw=1.8)
        ax.set(xscale="log", xlabel="strength λ")
        ax.set_title(title, loc="left")
    axes[0, 0].set_ylabel("weight")
    return fig


@styled
def shares(u: Any, stopped: Any, ridge: Any) -> Figure:
    """Share of the minimum's component that is left, against ηth, by both ways to shrink.

    Args:
        u: ηth, learning rate times steps times curvature.
        stopped: share with early stopping.
        ridge: share with a penalty.
    """
    fig, ax = canvas(height=3.7)
    lines = {}
    (lines["stopped"],) = ax.plot(u, stopped, color=STOPPED)
    (lines["penalty"],) = ax.plot(u, ridge, color=L2)
    ax.fill_between(u, ridge, stopped, color=TEXT, alpha=0.15, lw=0)
    ax.set(xscale="log", ylim=(0, 1.05))
    ax.set(xlabel="rate × steps × curvature", ylabel="share of the minimum")
    label_ends(ax, lines)
    return fig

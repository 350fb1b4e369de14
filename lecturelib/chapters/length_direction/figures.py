"""Figures of the chapter ``length_direction``: each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.length_direction.experiments import Halfspace
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, label_ends, styled

LOSSES = {
    "least squares": (PALETTE["orange"], "-", 4.0),
    "logistic": (PALETTE["purple"], "--", 2.5),
    "sigmoidal": (PALETTE["blue"], ":", 2.0),
}
"""Colour, line style and width of a loss: curves that coincide stay visible."""


@styled
def directions(angles: Mapping[str, Sequence[Any]]) -> Figure:
    """Angle to the best direction against the step, a line a loss, a panel a way to descend.

    Args:
        angles: title of a panel → for each loss, in the order of ``LOSSES``, angles in degrees
            ``[steps + 1]``.
    """
    fig, axes = canvas(1, len(angles), width=7.2, height=3.3, sharey=True, squeeze=False)
    for ax, (title, losses) in zip(axes[0], angles.items(), strict=True):
        for (name, look), values in zip(LOSSES.items(), losses, strict=True):
            color, style, width = look
            ax.plot(np.asarray(values), color=color, ls=style, lw=width, label=name)
        ax.set(xlabel="step", title=title, ylim=(0, None))
    axes[0, 0].set_ylabel("degrees to the best direction")
    axes[0, 0].legend(loc="upper right")
    return fig


@styled
def landscape(problem: Halfspace) -> Figure:
    """Least squares with the best length, against the angle of the direction in the plane.

    Args:
        problem: one with two inputs, as :func:`halfspaces.plane` makes.
    """
    turn = torch.linspace(-np.pi, np.pi, 361, dtype=torch.float64)
    w = torch.stack([turn.cos(), turn.sin()], 1)
    u, S = problem.u[0], problem.second[0]
    loss = 1 - (w @ u).square() / torch.einsum("ni,ij,nj->n", w, S, w)
    fig, ax = canvas(height=3.0)
    degrees = torch.rad2deg(turn)
    ax.plot(degrees, loss, color=METHODS["batch norm"].color)
    best = float(torch.rad2deg(torch.atan2(problem.best[0, 1], problem.best[0, 0])))
    for place, name in ((best, "best"), ((best + 360) % 360 - 180, "its opposite")):
        ax.plot(place, loss.min(), "o", color=PALETTE["vermillion"])
        ax.annotate(
            name, (place, float(loss.min())), xytext=(8, -4), textcoords="offset points", color=TEXT
        )
    ax.set(xlabel="angle of w in degrees", ylabel="loss, best length", xlim=(-180, 180))
    ax.set(xticks=range(-180, 181, 90), ylim=(float(loss.min()) - 0.08, 1.04))
    return fig


@styled
def one_step(degrees: float = 50.0, kept: float = 0.6) -> Figure:
    """A step of descent on the direction, in lengths of the S-norm.

    Args:
        degrees: angle between w and the best direction.
        kept: factor by which the step leaves the vector q.
    """
    theta = np.radians(degrees)
    w, p = np.array([np.cos(theta), np.sin(theta)]), np.array([1 / np.cos(theta), 0.0])
    new = p + kept * (w - p)
    fig, ax = canvas(width=6.0, height=3.2)
    ax.axhline(0, color=TEXT, lw=0.8, ls=":")
    arrow = {"arrowstyle": "->", "lw": 2.0, "shrinkA": 0, "shrinkB": 0}
    for end, color in ((w, PALETTE["grey"]), (new, METHODS["batch norm"].color)):
        ax.annotate("", end, (0, 0), arrowprops={**arrow, "color": color})
    ax.plot([p[0], w[0]], [p[1], w[1]], color=PALETTE["orange"], lw=1.5)
    ax.plot(*p, "o", color=PALETTE["orange"])
    corner = 0.06
    along, across = -w * corner, (p - w) / np.linalg.norm(p - w) * corner
    ax.plot(*np.array([w + along, w + along + across, w + across]).T, color=TEXT, lw=0.8)
    labels = (
        (w, "w", (-4, 8)),
        (new, "new w", (6, 6)),
        (p, "p, in the best direction", (-105, -18)),
        ((w + p) / 2, "q", (-30, -10)),
        (np.array([0.0, 0.0]), "0", (-12, -4)),
    )
    for place, text, offset in labels:
        ax.annotate(text, place, xytext=offset, textcoords="offset points", color=TEXT)
    ax.set(xlim=(-0.1, p[0] + 0.25), ylim=(-0.22, 1.0), aspect="equal")
    ax.set(xlabel="along the best direction, in the S-norm", ylabel="across")
    return fig


@styled
def race(gaps: Mapping[str, Any]) -> Figure:
    """Gap of the direction against the step on a log scale: median and range over seeds.

    Args:
        gaps: name → gaps ``[steps + 1, S]``.
    """
    looks = {
        "GDNP": (METHODS["batch norm"].color, "-"),
        "least squares": (LOSSES["least squares"][0], "-"),
        "logistic": (LOSSES["logistic"][0], "--"),
        "sigmoidal": (PALETTE["grey"], "-"),
    }
    fig, ax = canvas(height=3.6)
    # Room below the lines' ends for their names.
    ax.set(yscale="log", ylim=(1e-10, 1), xlabel="step", ylabel="gap of the direction (log scale)")
    lines = {}
    for name, values in gaps.items():
        v = np.asarray(values, dtype=float)
        shown = np.median(v, 1) > 1e-8
        v, steps = v[shown], np.arange(len(shown))[shown]
        color, style = looks[name]
        ax.fill_between(steps, v.min(1), v.max(1), color=color, alpha=0.15, lw=0)
        (lines[name],) = ax.plot(steps, np.median(v, 1), color=color, ls=style)
    label_ends(ax, lines)
    return fig

"""The figure of ``signal_propagation`` that a reader can move, for ``lecturelib.explore``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from lecturelib.chapters.signal_propagation.figures import LOOKS
from lecturelib.chapters.signal_propagation.meanfield import MAPS, iterate
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled


@styled
def correlation_map(layer: str = "ReLU", start: float = 0.0, depth: int = 10) -> Figure:
    """The map of the correlation over one layer, and the staircase of its iterates.

    Args:
        layer: name in ``MAPS``.
        start: correlation of the two inputs.
        depth: number of layers.
    """
    rho = np.linspace(-1, 1, 81)
    fig, ax = canvas(width=4.8, height=4.6)
    ax.plot([-1, 1], [-1, 1], color=TEXT, lw=1, ls=":")
    ax.plot(rho, [MAPS[layer](r) for r in rho], color=LOOKS[layer])
    path = iterate(layer, depth, start=start)
    xs, ys = [path[0]], [path[0]]
    for before, after in pairwise(path):
        xs += [before, after]
        ys += [after, after]
    ax.plot(xs, ys, color=PALETTE["vermillion"], lw=1)
    ax.plot(path[0], path[0], "o", color=PALETTE["vermillion"], ms=5, mfc="none")
    ax.plot(path[-1], path[-1], "o", color=PALETTE["vermillion"], ms=7)
    ax.set(xlim=(-1.03, 1.03), ylim=(-1.03, 1.03), aspect="equal")
    ax.set(xlabel="correlation before the layer", ylabel="correlation after it")
    return fig


def describe_map(layer: str, start: float, depth: int) -> str:
    """The sentence under :func:`correlation_map`."""
    end = iterate(layer, depth, start=start)[-1]
    return (
        f"{layer}, {depth} layer{'s' if depth > 1 else ''}: the correlation of two inputs goes "
        f"from {start:g} to {end:.3f}; 1 − ρ is {1 - end:.3f}."
    )

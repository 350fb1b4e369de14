"""The figure of the chapter ``residual_connections`` that a reader can move."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lecturelib.chapters.residual_connections import experiments
from lecturelib.chapters.residual_connections.figures import COLORS
from lecturelib.figures.style import TEXT, canvas, styled
from lecturelib.interactive.numbers import number

SCALES = ("no skips", "1", "1/√M", "1/M")
WIDTH, SEEDS = 32, (0, 1, 2)
LOW, HIGH = 1e-8, 1e8


@cache
def _found(blocks: int, scale: str) -> dict[str, np.ndarray]:
    kind = "plain" if scale == "no skips" else "He"
    factor = {"1/√M": 1 / math.sqrt(blocks), "1/M": 1 / blocks}.get(scale, 1.0)
    run = experiments.at_the_start(
        SEEDS, kind, blocks=blocks, width=WIDTH, samples=32, branch=factor
    )
    return {name: values.numpy() for name, values in run.items()}


def _color(scale: str) -> str:
    names = {"no skips": "plain", "1": "He", "1/√M": "scaled", "1/M": "zero"}
    return COLORS[names[scale]]


@styled
def _gradient(blocks: int, scale: str) -> Figure:
    fig, ax = canvas(width=4.4, height=3.4)
    values = _found(blocks, scale)["backward"].clip(LOW, HIGH)
    places = np.arange(len(values))
    ax.fill_between(places, values.min(1), values.max(1), color=_color(scale), alpha=0.25, lw=0)
    ax.plot(places, np.median(values, 1), color=_color(scale))
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", xlim=(0, 50), ylim=(LOW, HIGH))
    ax.set(xlabel="block (0 is the input's side)", ylabel="rms of the gradient")
    return fig


@styled
def _singular(blocks: int, scale: str) -> Figure:
    fig, ax = canvas(width=4.4, height=3.4)
    values = _found(blocks, scale)["values"][0].clip(LOW, HIGH)
    ax.plot(np.arange(1, WIDTH + 1), values, "o-", ms=3, color=_color(scale))
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", xlim=(0, WIDTH + 1), ylim=(LOW, HIGH))
    ax.set(xlabel="number of the singular value", ylabel="singular value")
    return fig


def highway(blocks: int = 15, scale: str = "1") -> list[Figure]:
    """Size of the gradient by block, and singular values of the way through all blocks.

    Args:
        blocks: M, at most 50.
        scale: the branch's factor, of :data:`SCALES`.
    """
    return [_gradient(blocks, scale), _singular(blocks, scale)]


def describe_highway(blocks: int, scale: str) -> str:
    """The sentence under :func:`highway`."""
    found = _found(blocks, scale)
    down, values = np.median(found["backward"], 1), found["values"][0]
    what = "without skips" if scale == "no skips" else f"with skips and α = {scale}"
    return (
        f"{blocks} blocks {what}: on its way to the input the gradient changes by a factor of "
        f"{number(down[0] / down[-1], 2)}; {(values > values[0] / 10).sum()} of {WIDTH} singular "
        "values lie within a factor of ten of the largest."
    )

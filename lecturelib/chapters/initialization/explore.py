"""Figures of the chapter ``initialization`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.initialization import experiments
from lecturelib.chapters.initialization.figures import CLIP_COLORS, COLORS, cliff_background
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled
from lecturelib.interactive.numbers import number

# What the reader chooses, and the experiment's names for it.
STARTS = {
    "N(0, 0.01²)": ("small", False),
    "±1/√n": ("uniform", False),
    "Xavier": ("xavier", False),
    "He": ("he", False),
    "N(0, 0.2²)": ("large", False),
    "He, batch norm": ("he", True),
}
WIDTH, SAMPLES, SEEDS = 128, 32, (0, 1, 2)
LOW, HIGH = 1e-12, 1e6
START = (4.5, -2.6)


@cache
def _signals(depth: int, start: str, activation: str) -> dict[str, np.ndarray]:
    scheme, norm = STARTS[start]
    found = experiments.signals(
        SEEDS, scheme, activation, depth=depth, width=WIDTH, batch_size=SAMPLES, norm=norm
    )
    return {name: values.numpy() for name, values in found.items()}


def _draw(values: np.ndarray, label: str, color: str) -> Figure:
    fig, ax = canvas(width=4.4, height=3.4)
    layers = np.arange(1, len(values) + 1)
    v = values.clip(LOW / 10, HIGH * 10)
    ax.fill_between(layers, v.min(1), v.max(1), color=color, alpha=0.25, lw=0)
    ax.plot(layers, np.median(v, 1), color=color)
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.set(yscale="log", xlim=(1, 50), ylim=(LOW, HIGH), xlabel="layer", ylabel=label)
    return fig


@styled
def _forward(depth: int, start: str, activation: str) -> Figure:
    values = _signals(depth, start, activation)["activation"]
    return _draw(values, "sd of the activations", COLORS[_look(start)])


@styled
def _backward(depth: int, start: str, activation: str) -> Figure:
    values = _signals(depth, start, activation)["backward"]
    return _draw(values, "rms of the gradient by z", COLORS[_look(start)])


def _look(start: str) -> str:
    scheme, norm = STARTS[start]
    return "he + batch norm" if norm else scheme


def signal_by_layer(
    depth: int = 20, start: str = "Xavier", activation: str = "relu"
) -> list[Figure]:
    """What goes up a random network, and what comes down: two figures over the layers.

    Args:
        depth: number of layers, at most 50.
        start: name in :data:`STARTS`.
        activation: name in ``activations.ACTIVATIONS``.
    """
    return [_forward(depth, start, activation), _backward(depth, start, activation)]


def describe_signal(depth: int, start: str, activation: str) -> str:
    """The sentence under :func:`signal_by_layer`."""
    found = _signals(depth, start, activation)
    up = np.median(found["activation"], 1)
    down = np.median(found["backward"], 1)
    return (
        f"{depth} layers of {activation}, {start}: from the first layer to the last the standard "
        f"deviation of the activations goes from {number(up[0], 2)} to {number(up[-1], 2)}; from "
        f"the last to the first the gradient changes by a factor of "
        f"{number(down[0] / down[-1], 2)}."
    )


@cache
def _run(clipping: str, bound: float, rate: float) -> dict[str, torch.Tensor]:
    start = torch.tensor([START], dtype=torch.float64)
    return experiments.cliff_run(start, how=clipping, bound=bound, lr=rate, steps=60)


@styled
def cliff_path(clipping: str = "none", bound: float = 0.1, rate: float = 0.5) -> Figure:
    """Sixty steps of gradient descent at the cliff of a recurrent net of one unit.

    Args:
        clipping: ``"none"``, ``"norm"`` or ``"value"``.
        bound: bound of the norm, or of each entry.
        rate: learning rate.
    """
    fig, ax = canvas(width=5.6, height=4.0)
    cliff_background(ax, points=60)
    path = _run(clipping, bound, rate)["path"][:, 0].numpy().clip(-20, 20)
    ax.plot(path[:, 0], path[:, 1], "o-", color=CLIP_COLORS[clipping], ms=3, lw=1.2)
    ax.plot(*START, "*", color=PALETTE["green"], ms=14)
    return fig


def describe_cliff(clipping: str, bound: float, rate: float) -> str:
    """The sentence under :func:`cliff_path`."""
    run = _run(clipping, bound, rate)
    how = "not clipped" if clipping == "none" else f"clipped by {clipping} at {bound:g}"
    longest, end = float(run["move"].max()), float(run["loss"][-1, 0])
    return (
        f"Rate {rate:g}, {how}: the longest of 60 steps is {number(longest, 2)} long, "
        f"the loss ends at {number(end, 2)}."
    )

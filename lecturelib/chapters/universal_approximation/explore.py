"""Figures of the chapter ``universal_approximation`` that a reader can move.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

import math

import torch
from matplotlib.figure import Figure

from lecturelib.chapters.universal_approximation import experiments
from lecturelib.chapters.universal_approximation.figures import TARGET, UNITS
from lecturelib.figures.style import PALETTE, canvas, styled
from lecturelib.interactive.numbers import number

X = torch.linspace(0, 1, 1201, dtype=torch.float64, device="cpu")
TARGETS: dict[str, experiments.Function] = {
    "wave": lambda x: 0.5 + 0.4 * torch.sin(2 * math.pi * x),
    "parabola": torch.square,
    "root": torch.sqrt,
}


def largest_error(target: str, kind: str, units: int) -> float:
    """Largest error on [0, 1] of the constructed network.

    >>> round(largest_error("parabola", "relu", 4), 6)
    0.015625
    """
    f = TARGETS[target]
    return (_fit(target, kind, units) - f(X)).abs().max().item()


def _fit(target: str, kind: str, units: int) -> torch.Tensor:
    f = TARGETS[target]
    if kind == "relu":
        return experiments.interpolant(f, units, X)
    steepness = None if kind == "step" else 10.0
    return experiments.staircase(f, units, X, steepness=steepness)


@styled
def approximation(target: str = "wave", kind: str = "step", units: int = 8) -> Figure:
    """One constructed hidden layer against its target.

    Args:
        target: name in :data:`TARGETS`.
        kind: ``"step"``, ``"sigmoid"`` or ``"relu"``.
        units: hidden units.
    """
    fig, ax = canvas(height=3.4)
    step = 4  # every fourth point of the grid is enough to see it
    ax.plot(X[::step], TARGETS[target](X)[::step], color=TARGET, lw=4, alpha=0.5)
    ax.plot(X[::step], _fit(target, kind, units)[::step], color=UNITS[kind][0], lw=1.6)
    ax.set(xlim=(0, 1), ylim=(-0.05, 1.05), xlabel="x", ylabel="f(x) and network")
    return fig


def describe_approximation(target: str, kind: str, units: int) -> str:
    """The sentence under :func:`approximation`."""
    name = "ReLU" if kind == "relu" else kind
    word = "unit" if units == 1 else "units"
    error = largest_error(target, kind, units)
    return f"{units} {name} {word} for the {target}: largest error {number(error, 2)}."


@styled
def teeth(layers: int = 3) -> Figure:
    """The iterated tent, and the constant 1/2: no network with fewer pieces is nearer than that.

    Args:
        layers: layers of two ReLUs.
    """
    fig, ax = canvas(height=3.0)
    x = torch.arange(2**layers + 1, dtype=torch.float64) / 2**layers
    ax.plot(x, experiments.sawtooth(layers, x), color=UNITS["relu"][0], lw=1.6)
    ax.axhline(0.5, color=PALETTE["orange"], ls="--", lw=1.6)
    ax.set(xlim=(0, 1), ylim=(-0.05, 1.05), xlabel="x", ylabel="value")
    return fig


def describe_teeth(layers: int) -> str:
    """The sentence under :func:`teeth`."""
    units = 2 * layers
    most, needs = units + 1, 2**layers - 1
    verdict = "enough" if most >= 2**layers else "too few"
    word = "layer" if layers == 1 else "layers"
    return (
        f"{layers} {word}, {units} units: {2**layers} pieces. One layer of {units} units has at "
        f"most {most}, {verdict}; it would need {needs}."
    )

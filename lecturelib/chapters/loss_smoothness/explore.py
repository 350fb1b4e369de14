"""Figures of ``loss_smoothness`` that a reader can move, for ``lecturelib.explore``.

Each figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.chapters.loss_smoothness import experiments
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, styled

ORDERS = {"no batch norm": experiments.PLAIN, "batch norm": experiments.BATCH}
LOOKS = {"no batch norm": "none", "batch norm": "batch norm"}
GRID = tuple(np.logspace(-2, 0.75, 23).tolist())  # distances along the gradient


# --- a step, and what smoothness says of it ------------------------------------------------------


@cache
def gradient_slice(network: str, updates: int) -> dict[str, Tensor]:
    """Loss, change of the gradient over distance, and length of the gradient, of one network.

    Args:
        network: ``"no batch norm"`` or ``"batch norm"``.
        updates: steps of training before.

    >>> sorted(gradient_slice("batch norm", 0))
    ['distance', 'length', 'quotient', 'relative', 'start']
    """
    settings = {"order": ORDERS[network], "updates": updates}
    found = experiments.walk([0], steps=GRID, equal_length=True, **settings)  # type: ignore[arg-type]
    networks, x, y = experiments.trained([0], **settings)  # type: ignore[arg-type]
    with torch.no_grad():
        start = experiments.losses_of(networks, x, y)
    return {**{k: v[..., 0] for k, v in found.items()}, "start": start[0]}


def bound(network: str, updates: int, distance: float) -> tuple[float, float, float]:
    r"""Effective smoothness up to a distance, the step 1/β that it allows, and the loss there.

    The descent lemma, with :math:`\beta` for the constant: the loss at distance d is at most
    :math:`L - \|g\| d + \beta d^2/2`, which is lowest at :math:`d = \|g\|/\beta`.
    """
    found = gradient_slice(network, updates)
    near = torch.tensor(GRID) <= distance * (1 + 1e-6)
    beta = found["quotient"][near].max().item()
    at = np.interp(np.log(distance), np.log(GRID), found["relative"].numpy())
    return beta, found["length"].item() / beta, float(at)


@styled
def step_and_smoothness(
    network: str = "batch norm", updates: int = 16, distance: float = 0.3
) -> Figure:
    """The loss along the gradient, and the parabola that the smoothness up to a distance gives.

    Args:
        network: ``"no batch norm"`` or ``"batch norm"``.
        updates: steps of training before.
        distance: how far smoothness is measured.
    """
    found = gradient_slice(network, updates)
    beta, _, at = bound(network, updates, distance)
    fig, ax = canvas(width=5.2, height=3.5)
    start, length = found["start"].item(), found["length"].item()
    d = np.geomspace(GRID[0], GRID[-1], 200)
    parabola = (start - length * d + beta * d**2 / 2) / start
    ax.axhline(1, color=TEXT, lw=0.8, ls=":")
    ax.plot(d, parabola, color=PALETTE["orange"], lw=1.5, ls="--", label="bound by smoothness")
    ax.plot(GRID, found["relative"], color=METHODS[LOOKS[network]].color, label="loss")
    ax.axvspan(GRID[0], distance, color=TEXT, alpha=0.12, lw=0)
    ax.plot(distance, at, "o", color=PALETTE["vermillion"], ms=7, clip_on=True)
    ax.set(xscale="log", xlim=(GRID[0], GRID[-1]), ylim=(0, 3))
    ax.set(xlabel="distance along the gradient", ylabel="loss over its start")
    ax.legend(loc="upper left")
    return fig


def describe_step(network: str, updates: int, distance: float) -> str:
    """The sentence under :func:`step_and_smoothness`."""
    beta, allowed, at = bound(network, updates, distance)
    return (
        f"Up to the distance {distance:g} the effective smoothness is {beta:.1f}, and the bound is "
        f"lowest at {allowed:.3f}. At {distance:g} the loss is {at:.2f} of its start."
    )


# --- the same function, drawn with longer weights ------------------------------------------------

REACH = {"raw": 0.2, "filter-normalized": 1.0}


@cache
def scaled_slice(direction: str, scale: float) -> tuple[Tensor, Tensor]:
    """Positions and losses along one random direction, hidden weights times ``scale``.

    Args:
        direction: ``"raw"`` or ``"filter-normalized"``.
        scale: factor on the weights that batch norm follows.
    """
    positions = torch.linspace(-1, 1, 41) * REACH[direction]
    normalized = direction == "filter-normalized"
    losses = experiments.slices([scale], normalized=normalized, distances=positions.tolist())
    return positions, losses[:, 0]


@styled
def slice_of_scaled_network(direction: str = "raw", scale: float = 1.0) -> Figure:
    """A slice of the loss of one function, whose hidden weights are multiplied by a number.

    Args:
        direction: ``"raw"`` or ``"filter-normalized"``.
        scale: factor on the weights that batch norm follows.
    """
    positions, losses = scaled_slice(direction, scale)
    fig, ax = canvas(width=5.2, height=3.3)
    ax.plot(positions, losses, color=METHODS["batch norm"].color)
    ax.plot(0, losses[len(losses) // 2], "o", color=PALETTE["vermillion"], ms=6)
    ax.set(xlabel=f"position along a {direction} direction", ylabel="loss", ylim=(0, 6))
    return fig


def describe_scaled(direction: str, scale: float) -> str:
    """The sentence under :func:`slice_of_scaled_network`."""
    positions, losses = scaled_slice(direction, scale)
    ends = (losses[0] + losses[-1]) / 2
    return (
        f"Hidden weights times {scale:g}, {direction} direction: the loss is "
        f"{losses[len(losses) // 2]:.2f} at the network and {ends:.2f} on average at "
        f"±{positions[-1]:g}."
    )

"""The figure of ``length_direction`` that a reader can move, for ``lecturelib.explore``."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.chapters.length_direction import halfspaces
from lecturelib.figures.style import METHODS, PALETTE, TEXT, canvas, styled

SHOWN = ("batch norm", "weight norm")
RATE, STEPS, CLOSE = 0.25, 400, 0.01


@cache
def paths(correlation: float, degrees: float) -> dict[str, Tensor]:
    r"""Weights g w/‖w‖ on the way of least squares under both norms, ``[STEPS + 1, 2]`` each.

    Gradient descent on direction and length together, from g = 0.3. The size of w is set to 1 in
    its metric after each step, so that the two have equal rates.
    """
    problem = halfspaces.plane(correlation)
    u, S = problem.u[0], problem.second[0]
    turn = torch.tensor(np.radians(degrees), dtype=torch.float64, device="cpu")
    found = {}
    for name, M in (("batch norm", S), ("weight norm", torch.eye(2).to(S))):
        w = torch.stack([turn.cos(), turn.sin()])
        w, g = w / (w @ M @ w).sqrt(), torch.full_like(turn, 0.3)
        way = [g * w]
        for _ in range(STEPS):
            pull = 2 * (u + S @ (g * w))  # the gradient at the weights
            w, g = w - RATE * g * (pull - M @ w * (w @ pull)), g - RATE * (w @ pull)
            w = w / (w @ M @ w).sqrt()
            way.append(g * w)
        found[name] = torch.stack(way)
    return found


def excess(correlation: float, weights: Tensor) -> Tensor:
    """Loss of weights ``[..., 2]`` above the lowest loss, as a share of that of w = 0."""
    problem = halfspaces.plane(correlation)
    S, best = problem.second[0], problem.best[0]
    off = weights - best
    return torch.einsum("...i,ij,...j->...", off, S, off) / (best @ S @ best)


def steps_needed(correlation: float, degrees: float) -> dict[str, int | None]:
    """Steps until a hundredth of the loss of w = 0 is left; None if that is not reached."""
    found: dict[str, int | None] = {}
    for name, way in paths(correlation, degrees).items():
        small = excess(correlation, way) <= CLOSE
        found[name] = int(small.double().argmax()) if bool(small.any()) else None
    return found


def deviations(correlation: float) -> tuple[float, float]:
    """Smallest and largest root mean square of a unit whose weights have the length 1."""
    low, high = torch.linalg.eigvalsh(halfspaces.plane(correlation).second[0]).sqrt().tolist()
    return low, high


@styled
def ellipse_and_sphere(correlation: float = 0.8, degrees: float = 60) -> Figure:
    """The curves on which both norms hold a direction, and the paths of the weights.

    Args:
        correlation: of the two inputs.
        degrees: angle of the first direction.
    """
    problem = halfspaces.plane(correlation)
    S, best = problem.second[0], problem.best[0]
    fig, ax = canvas(width=5.2, height=4.6)
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    values, vectors = np.linalg.eigh(S.numpy())
    ellipse = vectors @ (circle / np.sqrt(values)[:, None])
    for name, curve in (("weight norm", circle), ("batch norm", ellipse)):
        ax.plot(*curve, color=METHODS[name].color, lw=1.0)
    level = float((best @ S @ best).sqrt())
    for share in (0.25, 0.5, 1.0):  # where the loss is this share of its size at 0, squared
        ax.plot(*(best.numpy()[:, None] + share * level * ellipse), color=TEXT, lw=0.6, alpha=0.7)
    for name, way in paths(correlation, degrees).items():
        x, y = way[:: 1 if len(way) < 200 else 2].T
        ax.plot(x, y, color=METHODS[name].color, marker=".", ms=4, lw=1.2, label=name)
    ax.plot(*best, "*", color=PALETTE["vermillion"], ms=12)
    ax.set(xlim=(-3.2, 2.2), ylim=(-3.6, 2.6), aspect="equal")
    ax.set(xlabel="first weight", ylabel="second weight")
    ax.legend(loc="upper right")
    return fig


def describe_ellipse(correlation: float, degrees: float) -> str:
    """The sentence under :func:`ellipse_and_sphere`."""
    low, high = deviations(correlation)
    needed = steps_needed(correlation, degrees)
    words = {n: f"{k} steps" if k is not None else f"over {STEPS}" for n, k in needed.items()}
    return (
        f"Correlation {correlation:g}, start at {degrees:g}°. On the circle the unit's root mean "
        f"square is between {low:.2f} and {high:.2f}, on the ellipse 1. Down to a hundredth of the "
        f"loss of w = 0: batch norm {words['batch norm']}, weight norm {words['weight norm']}."
    )

"""Figures of ``noise_and_generalization`` that a reader can move, for ``lecturelib.explore``.

The figure function has a describe function beside it: the sentence under the figure.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from lecturelib.figures.style import PALETTE, TEXT, canvas, styled

GRID = torch.linspace(-2.4, 2.4, 121, device="cpu")
DISC, INNER, OUTER, STRAGGLERS = 30, 60, 90, 3
WIDE = 0.08  # standard deviation of a ring's radius


class Points(NamedTuple):
    """Points of the plane and their classes, +1 (blue) and −1 (orange)."""

    x: Tensor
    y: Tensor


def _around(radius: Tensor, generator: torch.Generator) -> Tensor:
    """Points at these distances from the centre, in random directions."""
    angle = 2 * torch.pi * torch.rand(len(radius), generator=generator)
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)


def ring(*, seed: int = 0, scale: int = 1, stragglers: int = STRAGGLERS) -> Points:
    """A blue disc in an orange ring in a blue ring, and some orange points within the disc.

    Args:
        seed: of the draw.
        scale: multiplies the number of points of disc and rings.
        stragglers: how many orange points lie in the disc.
    """
    g = torch.Generator().manual_seed(seed)
    disc = _around(0.55 * torch.rand(DISC * scale, generator=g).sqrt(), g)
    outer = _around(1.8 + WIDE * torch.randn(OUTER * scale, generator=g), g)
    inner = _around(1.15 + WIDE * torch.randn(INNER * scale, generator=g), g)
    astray = _around(0.45 * torch.rand(stragglers, generator=g).sqrt(), g)
    y = torch.ones(len(disc) + len(outer) + len(inner) + len(astray))
    y[len(disc) + len(outer) :] = -1
    return Points(torch.cat([disc, outer, inner, astray]), y)


def with_noise(train: Points, at: Tensor, s: float) -> Tensor:
    r"""What the best classifier for the training set with noise of size s says: its sign.

    The difference of the classes' densities at each point, up to a positive factor:
    :math:`\sum_i y_i \exp(-\lVert x - x_i\rVert^2 / 2s^2)`, divided by the largest term.
    """
    logs = -torch.cdist(at, train.x).square() / (2 * s * s)
    return ((logs - logs.amax(1, keepdim=True)).exp() * train.y).sum(1)


def accuracy(s: float, *, seed: int = 0) -> tuple[float, float]:
    """Share of right answers on the training set and on a test set without stragglers."""
    train, test = ring(seed=seed), ring(seed=1000 + seed, scale=10, stragglers=0)
    found = []
    for points in (train, test):
        right = with_noise(train, points.x, s).sign() == points.y
        found.append(right.double().mean().item())
    return found[0], found[1]


@cache
def regions(s: float, seed: int = 0) -> Tensor:
    """Sign of the best classifier on the grid, ``[121, 121]``; the first axis is upward."""
    x, y = torch.meshgrid(GRID, GRID, indexing="xy")
    at = torch.stack([x.flatten(), y.flatten()], 1)
    return with_noise(ring(seed=seed), at, s).sign().view(len(GRID), len(GRID))


def pieces(s: float, seed: int = 0) -> tuple[int, int]:
    """In how many connected pieces the blue and the orange region fall."""
    from scipy.ndimage import label  # loaded only where pieces are counted

    sign = regions(s, seed).numpy()
    return tuple(int(label(sign == c)[1]) for c in (1, -1))  # type: ignore[return-value]


@styled
def noisy_ring(noise: float = 0.3) -> Figure:
    """Training points, and the regions of the best classifier under noise of a size.

    Args:
        noise: standard deviation of the noise on each coordinate.
    """
    train = ring()
    fig, ax = canvas(width=4.6, height=4.4)
    colors = [PALETTE["orange"], PALETTE["blue"]]
    ax.contourf(GRID, GRID, regions(noise), levels=[-2, 0, 2], colors=colors, alpha=0.3)
    for y, color, marker in ((1, "blue", "o"), (-1, "orange", "^")):
        x = train.x[train.y == y]
        ax.plot(*x.T, marker, color=PALETTE[color], ms=4)
    astray = train.x[-STRAGGLERS:]
    ax.plot(*astray.T, "o", mfc="none", mec=TEXT, ms=11)
    ax.set(xlabel="first coordinate", ylabel="second coordinate", aspect="equal")
    return fig


def describe_ring(noise: float) -> str:
    """The sentence under :func:`noisy_ring`."""
    train, test = accuracy(noise)
    blue, orange = pieces(noise)
    return (
        f"Noise {noise:g}: {blue} blue and {orange} orange piece(s); accuracy {train:.3f} on the "
        f"training points, {test:.3f} on new ones without stragglers."
    )


def table(sizes: tuple[float, ...], seeds: range) -> dict[float, dict[str, np.ndarray]]:
    """Test accuracy and number of pieces for some sizes of noise, one value a seed."""
    found = {}
    for s in sizes:
        counts = np.array([pieces(s, seed) for seed in seeds])
        tests = np.array([accuracy(s, seed=seed) for seed in seeds])
        found[s] = {
            "train": tests[:, 0],
            "test": tests[:, 1],
            "blue": counts[:, 0],
            "orange": counts[:, 1],
        }
    return found

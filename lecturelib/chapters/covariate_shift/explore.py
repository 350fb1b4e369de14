"""The figure of ``covariate_shift`` that a reader can move, for ``lecturelib.explore``."""

from __future__ import annotations

from functools import cache

import torch
from matplotlib.figure import Figure

from lecturelib.chapters.covariate_shift.experiments import cubic, normal_density
from lecturelib.chapters.covariate_shift.shimodaira import TRAIN, Fits, draw, fits
from lecturelib.figures.style import PALETTE, TEXT, canvas, styled

DEGREES = {"line": 1, "cubic": 3}
POINTS, SETS, SD = 100, 200, 0.3


@cache
def fitted(model: str, power: float, test_mean: float) -> Fits:
    """The model on 200 training sets; the first of them is the one that is drawn."""
    return fits(DEGREES[model], power, samples=POINTS, count=SETS, test=(test_mean, SD))


@styled
def two_domains(model: str = "line", power: float = 0.0, test_mean: float = 0.0) -> Figure:
    """A curve, training points, the densities of both domains, and a weighted fit.

    Args:
        model: ``"line"`` or ``"cubic"``.
        power: of the weights; 0 leaves them out.
        test_mean: where the test domain lies.
    """
    fig, ax = canvas(width=5.6, height=4.2)
    x, y = (v[0] for v in draw(POINTS, count=SETS))
    grid = torch.linspace(-1.2, 1.8, 121, dtype=torch.float64)
    for domain, color in ((TRAIN, "grey"), ((test_mean, SD), "orange")):
        height = 0.3 * normal_density(grid, *domain)
        ax.fill_between(grid, -1.5, -1.5 + height, color=PALETTE[color], alpha=0.45, lw=0)
    ax.plot(x, y, "o", color=PALETTE["grey"], ms=3.5, alpha=0.6, mew=0, label="training points")
    ax.plot(grid, cubic(grid), color=TEXT, lw=1.2, ls="--", label="true curve")
    found = fitted(model, power, test_mean).coefficients[0]
    line = found @ torch.stack([grid**k for k in range(len(found))])
    ax.plot(grid, line.clamp(-1.6, 2.3), color=PALETTE["blue"], lw=2.4, label=f"fitted {model}")
    ax.set(xlim=(-1.2, 1.8), ylim=(-1.5, 2.2), xlabel="x")
    ax.set_ylabel("y; below: densities of x")
    ax.legend(loc="upper left", fontsize=9)
    return fig


def describe_two_domains(model: str, power: float, test_mean: float) -> str:
    """The sentence under :func:`two_domains`."""
    found, plain = (fitted(model, p, test_mean) for p in (power, 0.0))
    worse = (found.excess > plain.excess).double().mean().item()
    said = (
        f"Weights to the power {power:g}: excess error in the test domain "
        f"{found.excess.median().item():.4f} (median of {SETS} training sets)"
    )
    if power == 0:
        return f"No weights: {said.split(': ', 1)[1]}."
    return (
        f"{said}, without weights {plain.excess.median().item():.4f}; the weights make it worse in "
        f"{worse:.0%} of the sets, and the {POINTS} points are worth "
        f"{found.size.median().item():.0f}."
    )

"""Figures of the chapter cost_functions: they draw what the equations say."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from lecturelib.chapters.cost_functions import figures
from lecturelib.chapters.cost_functions.figures import MODELS

GRID = torch.linspace(-1, 1, 21)
X, Y = torch.linspace(-1, 1, 40), torch.sin(torch.arange(40.0))
CURVES = torch.stack([GRID, GRID + 0.1, GRID + 0.3])
FOUND = {"grid": GRID, "x": X, "y": Y, "mean": CURVES, "scale": CURVES.abs() + 0.1}
MODELLED = {**FOUND, "Gaussian": CURVES, "Laplace": CURVES - 1}
LABELLED = {**FOUND, "y": (Y > 0).float()} | {
    name: CURVES.sigmoid() for name in ("Bernoulli", "squared", "absolute")
}
CALLS = {
    "conditional_densities": lambda: figures.conditional_densities(
        X, Y, GRID, GRID, GRID.abs() + 1
    ),
    "expected_costs": lambda: figures.expected_costs(),
    "costs_and_slopes": lambda: figures.costs_and_slopes(),
    "mean_and_median": lambda: figures.mean_and_median(MODELLED, {"mean": GRID, "median": GRID}),
    "learnt_probability": lambda: figures.learnt_probability(LABELLED, GRID.sigmoid()),
    "descent_to_closed_form": lambda: figures.descent_to_closed_form(
        {"κ ≈ 2": torch.tensor([[1.0, 2.0], [0.1, 0.2], [0.0, 1e-9]])}
    ),
    "heteroscedastic": lambda: figures.heteroscedastic(FOUND, (GRID, GRID.abs() + 1)),
    "learnt_scales": lambda: figures.learnt_scales({"many": FOUND, "few": FOUND}, GRID.abs()),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_transparent_and_labelled(name: str) -> None:
    fig = CALLS[name]()
    assert isinstance(fig, Figure)
    assert fig.get_facecolor()[-1] == 0
    assert not plt.get_fignums(), "pyplot would show the figure a second time"
    text = " ".join(t.get_text() for t in fig.findobj(plt.Text))
    assert len(text.split()) >= 3, "axes have words"
    fig.draw_without_rendering()


def test_all_figures_are_covered() -> None:
    drawn = {
        name
        for name, thing in vars(figures).items()
        if getattr(thing, "__wrapped__", None) and thing.__module__ == figures.__name__
    }
    assert drawn == set(CALLS)


@pytest.mark.parametrize("density", [figures.gaussian, figures.laplace])
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_densities_are_those_of_torch(density, scale):
    law = torch.distributions.Normal if density is figures.gaussian else torch.distributions.Laplace
    y = torch.linspace(-4, 5, 31, dtype=torch.float64)
    wanted = law(torch.tensor(0.75).double(), torch.tensor(scale).double()).log_prob(y).exp()
    np.testing.assert_allclose(density(y, 0.75, scale), wanted.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("name", "power"), [("Gaussian", 2), ("Laplace", 1)])
def test_expected_costs_are_means_over_exponential_targets(name: str, power: int) -> None:
    ax = figures.expected_costs().axes[0]
    curve = next(
        line
        for line in ax.lines
        if line.get_color() == MODELS[name] and len(np.asarray(line.get_xdata())) > 1
    )
    # Quantiles in the middle of equal shares stand for the exponential distribution.
    y = -np.log1p(-(np.arange(20_000) + 0.5) / 20_000)
    for f, cost in np.asarray(curve.get_xydata())[::50]:
        assert (np.abs(y - f) ** power).mean() == pytest.approx(cost, rel=0.01)


def test_expected_costs_mark_their_minima() -> None:
    ax = figures.expected_costs().axes[0]
    for name, place in (("Gaussian", 1.0), ("Laplace", math.log(2))):
        lines = [line for line in ax.lines if line.get_color() == MODELS[name]]
        curve = np.asarray(max(lines, key=lambda line: len(line.get_xydata())).get_xydata())
        marker = np.asarray(min(lines, key=lambda line: len(line.get_xydata())).get_xydata())[0]
        assert curve[curve[:, 1].argmin(), 0] == pytest.approx(place, abs=0.01)
        assert marker == pytest.approx((place, curve[:, 1].min()), abs=0.01)


def test_slopes_are_the_derivatives_of_the_costs() -> None:
    left, right = figures.costs_and_slopes(delta=1.5).axes
    for name, color in MODELS.items():
        if name == "Bernoulli":
            continue
        cost, slope = (
            np.asarray(next(line for line in ax.lines if line.get_color() == color).get_xydata())
            for ax in (left, right)
        )
        between = (cost[1:, 1] - cost[:-1, 1]) / (cost[1:, 0] - cost[:-1, 0])
        middle = (slope[1:, 1] + slope[:-1, 1]) / 2
        known = np.isfinite(middle)
        np.testing.assert_allclose(between[known], middle[known], atol=0.02)


def test_the_band_is_two_learnt_standard_deviations() -> None:
    ax = figures.heteroscedastic(FOUND, (GRID, GRID)).axes[0]
    band = next(c for c in ax.collections if isinstance(c, PolyCollection))
    heights = band.get_paths()[0].vertices[:, 1]
    mean, scale = FOUND["mean"][0], FOUND["scale"][0]
    assert heights.max() == pytest.approx((mean + 2 * scale).max().item(), abs=1e-5)
    assert heights.min() == pytest.approx((mean - 2 * scale).min().item(), abs=1e-5)


def test_each_seed_has_its_line_of_scales() -> None:
    for ax in figures.learnt_scales({"many": FOUND, "few": FOUND}, GRID).axes:
        assert len(ax.lines) == len(CURVES) + 1  # and the truth

"""Figures of the chapter length_direction: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.length_direction import explore, figures, halfspaces

RNG = np.random.default_rng(0)
CALLS = {
    "directions": lambda: figures.directions({"no norm": RNG.uniform(0, 90, (3, 5))}),
    "landscape": lambda: figures.landscape(halfspaces.plane()),
    "one_step": figures.one_step,
    "race": lambda: figures.race(
        {name: RNG.uniform(1e-6, 1, (6, 4)) for name in ("GDNP", "sigmoidal", "logistic")}
    ),
    "ellipse": explore.ellipse_and_sphere,
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


def test_the_marked_minima_are_the_lowest_points() -> None:
    (ax,) = figures.landscape(halfspaces.plane()).axes
    curve = np.asarray(ax.lines[0].get_xydata())
    for mark in ax.lines[1:]:
        place = float(np.asarray(mark.get_xdata())[0])
        height = np.interp(place, curve[:, 0], curve[:, 1])
        assert height == pytest.approx(curve[:, 1].min(), abs=1e-3)


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.8])
def test_paths_end_at_the_least_squares_solution(correlation: float) -> None:
    problem = halfspaces.plane(correlation)
    solution = -torch.linalg.solve(problem.second[0], problem.u[0])
    for way in explore.paths(correlation, 60).values():
        torch.testing.assert_close(way[-1], solution, rtol=1e-2, atol=1e-2)


def test_the_excess_is_a_share_of_that_of_no_weights() -> None:
    """The excess of the solution is 0, and that of no weights is 1."""
    solution = halfspaces.plane(0.5).best[0]
    assert explore.excess(0.5, solution).item() == pytest.approx(0, abs=1e-12)
    assert explore.excess(0.5, torch.zeros_like(solution)).item() == pytest.approx(1)


def test_the_sentence_has_the_numbers_of_the_figure() -> None:
    said = explore.describe_ellipse(0.8, 60)
    low, high = explore.deviations(0.8)
    needed = explore.steps_needed(0.8, 60)
    assert f"{low:.2f} and {high:.2f}" in said
    assert all(f"{name} {steps} steps" in said for name, steps in needed.items())

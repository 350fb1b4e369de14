"""Figures of the chapter parameter_norms: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.parameter_norms import figures

TWO = np.linspace(0.2, 0.9, 8).reshape(4, 2)
RUN = {"train": TWO, "test": TWO}
X = np.linspace(-1, 1, 5)
PATH = [[2.0, 1.0], [1.0, 0.2], [0.0, 0.0]]
STRENGTHS = (0.1, 1.0, 10.0)
CALLS = {
    "courses": lambda: figures.courses({"a": RUN, "b": RUN}),
    "fits": lambda: figures.fits(X, X, {"line": np.stack([X, 2 * X])}),
    "parts": lambda: figures.parts(STRENGTHS, {"bias²": [1, 2, 3], "variance": [3, 2, 1]}),
    "curve_of_solutions": lambda: figures.curve_of_solutions(
        np.eye(2), [2.0, 1.0], PATH, STRENGTHS, [1]
    ),
    "thresholds": lambda: figures.thresholds(X, {"L1": 0 * X, "L2": X / 2}),
    "weight_paths": lambda: figures.weight_paths(
        STRENGTHS, {"L1": np.ones((3, 4)), "L2": np.ones((3, 4))}, [True, False, False, True]
    ),
    "shares": lambda: figures.shares([0.1, 1, 10], [0.1, 0.6, 1], [0.09, 0.5, 0.9]),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_and_transparent(name: str) -> None:
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    assert all(ax.get_xlabel() for ax in figure.axes)


@pytest.mark.parametrize("name", ["curve_of_solutions", "thresholds"])
def test_geometry_has_one_scale_for_both_axes(name: str) -> None:
    assert CALLS[name]().axes[0].get_aspect() == 1.0


def test_the_mean_fit_is_the_mean_of_all() -> None:
    mean = figures.fits(X, X, {"line": np.stack([X, 2 * X, 6 * X])}, shown=1).axes[0].lines[-1]
    np.testing.assert_allclose(mean.get_ydata(), 3 * X)


def test_inputs_that_count_are_drawn_last_and_in_colour() -> None:
    w = torch.arange(12.0).view(3, 4)
    lines = figures.weight_paths(STRENGTHS, {"L1": w, "L2": w}, [False, True, False, False]).axes[0]
    assert lines.lines[-1].get_color() == figures.L1
    np.testing.assert_allclose(lines.lines[-1].get_ydata(), w[:, 1])

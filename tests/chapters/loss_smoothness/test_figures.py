"""Figures of the chapter loss_smoothness: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.loss_smoothness import figures

RNG = np.random.default_rng(0)
STEPS = (0.01, 0.1, 1.0)
FOUND = {"none": RNG.uniform(0.5, 3, (3, 4)), "batch": RNG.uniform(0.5, 1, (3, 4))}
CALLS = {
    "relative_loss": lambda: figures.relative_loss(STEPS, FOUND),
    "quotients": lambda: figures.quotients(STEPS, FOUND),
    "accuracies": lambda: figures.accuracies(STEPS, {k: v / 4 for k, v in FOUND.items()}),
    "residual_lines": lambda: figures.residual_lines(RNG.normal(size=8), RNG.normal(size=8)),
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


@pytest.mark.parametrize("name", CALLS)
def test_labels_beside_the_axes_are_no_longer_than_the_figure_is_high(name: str) -> None:
    fig = CALLS[name]()
    fig.draw_without_rendering()
    for ax in fig.axes:
        box = ax.yaxis.label.get_window_extent()
        assert fig.bbox.y0 <= box.y0, ax.get_ylabel()
        assert box.y1 <= fig.bbox.y1, ax.get_ylabel()


def test_the_line_is_that_of_least_squares_for_normalized_values() -> None:
    x = RNG.normal(size=30)
    x = (x - x.mean()) / x.std()
    g = 2 * x + 1 + RNG.normal(size=30)
    (ax,) = figures.residual_lines(g, x).axes
    ends = np.asarray(ax.lines[0].get_xydata())
    slope, level = np.polyfit(x, g, 1)
    np.testing.assert_allclose(ends[:, 1], level + slope * ends[:, 0])

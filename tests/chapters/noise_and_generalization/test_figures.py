"""Figures of the chapter noise_and_generalization: they draw what they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.noise_and_generalization import figures

RNG = np.random.default_rng(0)
SIZES = (4, 32, 512)
FOUND = {0.03: RNG.uniform(0.8, 0.9, (3, 4)), 0.3: RNG.uniform(0.7, 0.9, (3, 4))}
RUNS = {
    name: {
        "curvature": RNG.uniform(1, 5, 4),
        "rise": RNG.uniform(0.1, 1, 4),
        "test": RNG.uniform(0.7, 0.9, 4),
    }
    for name in ("none", "dropout")
}
CALLS = {
    "accuracy_by_group": lambda: figures.accuracy_by_group(SIZES, FOUND),
    "learnt_sizes": lambda: figures.learnt_sizes(RNG.uniform(size=64), RNG.uniform(size=64)),
    "sharpness_against_accuracy": lambda: figures.sharpness_against_accuracy(RUNS),
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


def test_lines_are_medians_over_seeds() -> None:
    (ax,) = figures.accuracy_by_group(SIZES, FOUND).axes
    for line, values in zip(ax.lines, FOUND.values(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), np.median(values, 1))

"""Figures of the chapter signal_propagation: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.signal_propagation import explore, figures, meanfield

RNG = np.random.default_rng(0)
THREE = {"none": RNG.uniform(size=(4, 9)), "batch": RNG.uniform(size=(4, 9))}
ROWS = {"target": RNG.uniform(size=(3, 4)), "flips": RNG.uniform(size=(3, 4))}
CALLS = {
    "channels": lambda: figures.channels(
        {"ReLU": RNG.normal(size=(20, 50)), "linear": RNG.normal(size=(20, 50))}
    ),
    "gaps": lambda: figures.gaps({"ReLU": RNG.uniform(0.1, 1, (50, 3))}, {"ReLU": np.ones(50)}),
    "both_positive": lambda: figures.both_positive(70),
    "pushes": lambda: figures.pushes((0.01, 0.1, 1.0), {"none": ROWS, "batch": ROWS}),
    "eigenvectors": lambda: figures.eigenvectors(THREE | {"frozen": THREE["none"]}),
    "accuracies": lambda: figures.accuracies({"He": {0.1: [0.5, 0.6], 1.0: [0.1, 0.2]}}),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_transparent_and_labelled(name: str) -> None:
    fig = CALLS[name]()
    assert isinstance(fig, Figure)
    assert fig.get_facecolor()[-1] == 0
    assert not plt.get_fignums(), "pyplot would show the figure a second time"
    text = " ".join(t.get_text() for t in fig.findobj(plt.Text))
    assert len(text.split()) >= 2, "axes have words"
    fig.draw_without_rendering()


@pytest.mark.parametrize("layer", list(meanfield.MAPS))
def test_the_staircase_ends_where_the_sentence_says(layer: str) -> None:
    fig = explore.correlation_map(layer, 0.5, 3)
    (ax,) = fig.axes
    end = meanfield.iterate(layer, 3, start=0.5)[-1]
    x, y = ax.lines[-1].get_xydata()[0]
    assert x == pytest.approx(end)
    assert y == pytest.approx(end)
    assert f"{end:.3f}" in explore.describe_map(layer, 0.5, 3)

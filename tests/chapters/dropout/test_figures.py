"""Figures of the chapter dropout: they are drawn, labelled, and show what they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.dropout import figures

RNG = np.random.default_rng(0)
RUN = {"train": torch.rand(4, 3), "test": torch.rand(4, 3)}
BINS = (np.array([0.4, 0.9]), np.array([0.5, 0.8]), np.array([0.3, 0.7]))
CALLS = {
    "courses": lambda: figures.courses({"none": RUN, "dropout": RUN}),
    "bags": lambda: figures.bags(
        (1, 2, 5),
        {name: RNG.uniform(0.2, 1, (3, 4)) for name in ("bootstrap", "fresh")},
        {"bootstrap": [1, 0.7, 0.6], "fresh": [1, 0.5, 0.2]},
    ),
    "rates": lambda: figures.rates((0.0, 0.5), {0.0: torch.rand(2, 3), 0.2: torch.rand(2, 3)}),
    "dropped_maps": lambda: figures.dropped_maps(*torch.rand(3, 4, 8, 8)),
    "filters": lambda: figures.filters({"a": torch.randn(16, 64), "b": torch.randn(16, 64)}),
    "reliability": lambda: figures.reliability({"no masks": BINS, "mean over masks": BINS}),
    "walls": lambda: figures.walls([0.0, 1.0], [1.0, 0.5], RNG.uniform(1, 2, (2, 5))),
}


@pytest.mark.parametrize("name", list(CALLS))
def test_figure_is_returned_transparent_and_labelled(name: str) -> None:
    fig = CALLS[name]()
    assert isinstance(fig, Figure)
    assert fig.get_facecolor()[-1] == 0
    assert not plt.get_fignums(), "pyplot would show the figure a second time"
    text = " ".join(t.get_text() for t in fig.findobj(plt.Text))
    assert len(text.split()) >= 2, "axes have words"
    fig.draw_without_rendering()


def test_all_figures_are_covered() -> None:
    drawn = {
        name
        for name, thing in vars(figures).items()
        if getattr(thing, "__wrapped__", None) and thing.__module__ == figures.__name__
    }
    assert drawn == set(CALLS)


def test_tiles_are_filters_over_their_largest_weight() -> None:
    image = figures._tiles(np.full((2, 8, 8), 3.0), 2)
    assert image.shape == (8, 17)
    assert np.nanmax(image) == 1
    assert np.isnan(image[:, 8]).all()

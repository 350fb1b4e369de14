"""Figures of the chapter universal_approximation: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.universal_approximation import experiments, figures

F64 = torch.float64
SQUARES = [
    torch.tensor([[x, 0.0], [x + 0.5, 0.0], [x + 0.5, 0.5], [x, 0.5]], dtype=F64)
    for x in (-0.8, 0.2)
]
POINTS, LABELS = (t[0] for t in experiments.dataset("disc", [0], 20))
AXIS = torch.linspace(-1, 1, 81)
LOGITS = (AXIS[:, None] + AXIS).expand(2, 81, 81)
REGION = {"logits": LOGITS, "accuracy": torch.ones(2)} | {
    "x": POINTS.expand(2, 20, 2),
    "y": LABELS.expand(2, 20),
}
CALLS = {
    "bump": lambda: figures.bump(),
    "constructions": lambda: figures.constructions(torch.square, 4),
    "error_against_width": lambda: figures.error_against_width(
        [2, 4, 8], {"wave": {"step": [0.3, 0.2, 0.1], "relu": [0.1, 0.03, 0.01]}}
    ),
    "maxout_square": lambda: figures.maxout_square(3),
    "polygons": lambda: figures.polygons(SQUARES),
    "pieces": lambda: figures.pieces([1, 2], [2, 4], [3, 5], [[1, 2], [2, 3]]),
    "square_depth": lambda: figures.square_depth([3, 6], [0.1, 0.01], [0.2, 0.1]),
    "decision_regions": lambda: figures.decision_regions(
        {(data, name): REGION for data in ("disc", "moons") for name in ("relu", "tanh")}
    ),
    "one_more_dimension": lambda: figures.one_more_dimension(
        POINTS, LABELS, POINTS.square().sum(1), level=0.3
    ),
    "success_against_width": lambda: figures.success_against_width(
        {"slow": {2: [0.0, 0.0], 3: [0.2, 0.3], 8: [0.9, 1.0]}}
    ),
    "found_and_written": lambda: figures.found_and_written(LOGITS, POINTS, LABELS),
    "xor": lambda: figures.xor(),
    "cross_and_square": lambda: figures.cross_and_square(np.eye(20) + 1, np.eye(20)),
    "ridges": lambda: figures.ridges({1: np.eye(9), 4: np.eye(9), 32: np.eye(9)}, 2.0),
    "folding": lambda: figures.folding(),
    "epochs_by_depth": lambda: figures.epochs_by_depth(
        {"relu\n8": [30.0, np.inf], "tanh\n8": [9.0, 20.0]}, limit=100
    ),
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


def test_errors_of_the_maxout_figure_touch_their_levels() -> None:
    _, right = figures.maxout_square(4).axes
    tangents, lifted = (np.asarray(line.get_ydata()) for line in right.lines[:2])
    assert tangents.min() == pytest.approx(-1 / 16)
    assert tangents.max() == pytest.approx(0, abs=1e-6)
    assert lifted.min() == pytest.approx(-1 / 32)
    assert lifted.max() == pytest.approx(1 / 32)

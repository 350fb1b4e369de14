"""Figures of the chapter gradient_descent: they draw what the equations say."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.gradient_descent import experiments, figures

TWO = torch.tensor([[1.0, 2.0], [0.5, 0.7], [0.2, 0.4]])
COURSE = {
    "epochs": torch.arange(3),
    "train": TWO,
    "held out": TWO,
    "test": TWO + 0.1,
    "mistaken": TWO / 10,
}
PATH = torch.tensor([[1.0, 0.5], [0.5, 0.2], [0.1, 0.0]])
SHARP = {"steps": torch.arange(3) * 50, "curvature": 20 * TWO, "loss": TWO}
LINES = {"share": torch.linspace(0, 1, 3), "other start": TWO, "permuted": TWO + 0.1}
CALLS = {
    "learning": lambda: figures.learning(COURSE),
    "paths": lambda: figures.paths(-1.2, {"large": 0.4, "small": 0.05}),
    "valley": lambda: figures.valley({"short steps": PATH, "long steps": -PATH}, (0.05, 1.0)),
    "saddle": lambda: figures.saddle({"on the ridge": PATH, "beside it": PATH / 2}),
    "plateaus": lambda: figures.plateaus({"× 1": [2.3, 1.0], "× 0.1": [2.3, 2.2]}),
    "quadratic_course": lambda: figures.quadratic_course(
        {"1/K": 0.5 ** torch.arange(5), "2/K": torch.ones(5)}
    ),
    "rate_sweep": lambda: figures.rate_sweep((0.1, 1.0, 10.0), [[1, 2], [0.1, 0.2], [9, math.nan]]),
    "noise_against_batch_size": lambda: figures.noise_against_batch_size(
        (1, 4, 16), {"with": TWO, "without": TWO / 2}, count=64
    ),
    "cost_against_batch_size": lambda: figures.cost_against_batch_size(
        {1: 1e-4, 8: 2e-4, 64: 9e-4}
    ),
    "robbins_monro": lambda: figures.robbins_monro({"1/t": torch.rand(101, 3) + 0.1}),
    "barriers": lambda: figures.barriers(LINES),
    "sharpness": lambda: figures.sharpness({0.05: SHARP, 0.2: SHARP}),
    "race": lambda: figures.race({"one": {"test": [0.9, 0.8]}, "two": {"test": [0.7, 0.8]}}),
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


def test_a_path_is_drawn_on_the_curve() -> None:
    _, ax = figures.paths(-1.2, {"large": 0.4, "small": 0.05}).axes
    x, y = np.asarray(ax.lines[1].get_data(), dtype=float)
    assert x[0] == pytest.approx(-1.2)
    assert y == pytest.approx(np.sin(x) * np.cos(4 * x))
    assert (np.diff(y) <= 1e-12).all(), "below 2/17 every step goes downhill"


def test_the_line_of_a_schedule_is_its_theory() -> None:
    (ax,) = figures.robbins_monro({"1/t": torch.ones(101, 2)}).axes
    steps, theory = np.asarray(ax.lines[0].get_data(), dtype=float)
    assert theory == pytest.approx((16 + steps) / (steps + 1) ** 2)
    assert experiments.SCHEDULES["1/t"](0) == 0.5


def test_the_levels_of_the_sharpness_figure() -> None:
    left, _ = figures.sharpness({0.05: SHARP, 0.2: SHARP}).axes
    dotted = [line for line in left.lines if line.get_linestyle() == ":"]
    levels = [float(np.asarray(line.get_ydata())[0]) for line in dotted]
    assert levels == pytest.approx([40, 10])

"""Figures of the chapter optimizers: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib import schedules
from lecturelib.chapters.optimizers import experiments, figures

TWO = np.linspace(1, 0.1, 8).reshape(4, 2)
LRS = (1e-3, 1e-2, 1.0)
GRID = {name: {"test": np.full((3, 2), 0.5)} for name in experiments.SOLVERS}
CURVATURE = torch.tensor([0.1, 1.0], dtype=torch.float64)
START = torch.tensor([-3.0, 1.0], dtype=torch.float64)
CALLS = {
    "paths": lambda: figures.paths(
        CURVATURE.tolist(),
        {"SGD": experiments.path("SGD", CURVATURE, START, lr=0.5, steps=3)},
        panels=[["SGD"], ["SGD"]],
    ),
    "look_ahead": lambda: figures.look_ahead([0.15, 1.0], [-5, 1], [-2, 1], lr=1.0, alpha=0.9),
    "plane": lambda: figures.plane(steps=9),
    "losses": lambda: figures.losses({"SGD": TWO, "Adam": TWO}),
    "turned": lambda: figures.turned({"SGD": {"along": [3.0, 4.0], "turned": [5.0, 6.0]}}),
    "ends": lambda: figures.ends({"data": {"constant": TWO, "cosine": TWO}}, (1e-3, 1e-2, 0.1, 1)),
    "condition": lambda: figures.condition([10.0, 100.0], {"SGD": [[50, 60], [500, 600]]}),
    "step_sizes": lambda: figures.step_sizes({"Adam": [1.0, 1.0], "AdaGrad": [1.0, 0.7]}),
    "correction": lambda: figures.correction({"Adam": TWO, "uncorrected": TWO}),
    "noise": lambda: figures.noise({"a": TWO, "b": TWO}, {"a": 0.2}),
    "rates": lambda: figures.rates(GRID, LRS),
    "schedules": lambda: figures.schedules(
        {"cosine": schedules.cosine_decay(9), "steps": schedules.step_decay(3)}, 10
    ),
    "decay": lambda: figures.decay({"SGD": [[0.0, 0.0], [1.0, 2.0]]}, [1.0, 10.0]),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_and_transparent(name: str) -> None:
    figure = CALLS[name]()
    assert isinstance(figure, Figure)
    assert not plt.get_fignums()
    assert figure.get_facecolor()[3] == 0
    assert any(ax.get_xlabel() for ax in figure.axes)


def test_a_valley_has_one_scale_for_both_axes() -> None:
    assert all(ax.get_aspect() == 1.0 for ax in CALLS["paths"]().axes)


def test_the_default_is_ringed() -> None:
    axes = figures.rates(GRID, LRS).axes
    rings = [ax.lines[-1].get_xdata()[0] for ax in axes[:7]]
    assert rings == list(experiments.DEFAULTS.values())

"""Figures of the chapter normalization_family: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.normalization_family import figures
from lecturelib.chapters.normalization_family.training_experiments import recurrent_signal

S = torch.tensor([[4.0, 1.5], [1.5, 1.0]])
KEYS = [("none", 0.5), ("layer norm", 2.0)]
CALLS = {
    "learning_rates": lambda: figures.learning_rates(
        (0.1, 1), {"none": [[1, 2], [np.nan, 1]], "layer norm": np.ones((2, 3))}
    ),
    "large_steps": lambda: figures.large_steps(
        {"none, rate 3": {"loss": [2, 3, 1e9], "length": [5, 6, 9]},
         "weight norm, v alone, rate 30": {"loss": [2, 1, 1], "length": [5, 9, 9]}}
    ),
    "spheres": lambda: figures.spheres(S),
    "assumptions": lambda: figures.assumptions({"a": np.ones((3, 4)), "b": np.ones((3, 4)) + 1}),
    "recurrent_gain": lambda: figures.recurrent_gain(
        (5, 10), dict.fromkeys(KEYS, np.ones((2, 3))), dict.fromkeys(KEYS, (1.0, 0.5))
    ),
    "detached_ratios": lambda: figures.detached_ratios({"small": [5, 6, 7], "large": [0.5, 2]}),
}  # fmt: skip


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


def test_the_ellipse_holds_the_weights_that_give_variance_1() -> None:
    fig = CALLS["spheres"]()
    circle, ellipse = (line.get_xydata() for line in fig.axes[1].lines)
    assert (circle**2).sum(1) == pytest.approx(np.ones(len(circle)))
    s = S.double().numpy()
    assert np.einsum("ni,ij,nj->n", ellipse, s, ellipse) == pytest.approx(np.ones(len(ellipse)))


@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("scale", [0.5, 2**0.5, 3.0])
def test_the_formula_of_the_gain_holds_for_wide_nets(scale: float, layer_norm: bool) -> None:
    """Per time step, at 512 units over 8 steps, within 2%: measured 5 standard errors below it."""
    found = recurrent_signal(
        range(3), scale=scale, layer_norm=layer_norm, units=512, steps=8, samples=64
    )["gradient"]
    wanted = figures.gain_by_formula(scale, 8, layer_norm=layer_norm)
    ratio = (found.mean() / wanted) ** (1 / 8)
    assert ratio == pytest.approx(1, abs=0.03)

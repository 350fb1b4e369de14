"""Figures of the chapter batch_norm: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lecturelib.chapters.batch_norm import figures
from lecturelib.figures.style import METHODS, PALETTE

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, 16)
CURVES = {name: RNG.uniform(0.1, 2, (20, 4)) for name in ("none", "batch norm")}
LAYERS = [(RNG.normal(1, 0.1, 5), RNG.normal(0, 0.1, 5)) for _ in range(3)]
CALLS = {
    "training_curves": lambda: figures.training_curves(CURVES),
    "learnt_scales": lambda: figures.learnt_scales(LAYERS),
    "stages_of_a_batch": lambda: figures.stages_of_a_batch(X, gamma=2.0, beta=1.0),
    "sigmoid_regime": lambda: figures.sigmoid_regime(gamma=3.0),
    "backward_is_a_residual": lambda: figures.backward_is_a_residual(X, RNG.normal(size=16)),
    "running_statistics": lambda: figures.running_statistics(torch.tensor(X), 3.0),
    "convolution_samples": lambda: figures.convolution_samples(),
    "around_the_relu": lambda: figures.around_the_relu(torch.tensor(X), torch.tensor(X).relu()),
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


def test_stages_end_in_the_wanted_mean_and_standard_deviation() -> None:
    rows = [
        line for line in CALLS["stages_of_a_batch"]().axes[0].lines if len(line.get_xdata()) == 16
    ]
    means = [np.mean(line.get_xdata()) for line in rows]
    sds = [np.std(line.get_xdata()) for line in rows]
    assert means == pytest.approx([X.mean(), 0, 0, 1], abs=1e-12)
    assert sds == pytest.approx([X.std(), X.std(), 1, 2])


def test_residuals_are_the_gradient_of_autograd() -> None:
    g = RNG.normal(size=16)
    fig = figures.backward_is_a_residual(X, g)
    bars = fig.axes[0].collections[0].get_segments()
    x = torch.tensor(X, requires_grad=True)
    x_hat = (x - x.mean()) / x.var(correction=0).sqrt()
    (gradient,) = torch.autograd.grad((torch.tensor(g) * x_hat).sum(), x)
    drawn = np.array([end[1] - start[1] for start, end in bars]) / X.std()
    assert drawn == pytest.approx(gradient.numpy(), abs=1e-12)


def test_running_means_are_those_of_the_module() -> None:
    fig = figures.running_statistics(X, 3.0, momenta=(0.1,))
    module = torch.nn.BatchNorm1d(1, momentum=0.1, dtype=torch.float64)
    for value in X:
        module(torch.tensor([[value - 1], [value + 1]]))
    line = next(line for line in fig.axes[0].lines if line.get_color() == PALETTE["blue"])
    assert line.get_ydata()[-1] == pytest.approx(module.running_mean.item())


def test_convolution_colours_n_h_w_values() -> None:
    fig = figures.convolution_samples(batch=2, channels=3, size=5)
    cells = [p for p in fig.axes[0].patches if isinstance(p, Rectangle)]
    blue = [
        p
        for p in cells
        if p.get_facecolor() == plt.matplotlib.colors.to_rgba(METHODS["batch norm"].color)
    ]
    assert len(cells) == 2 * 3 * 5 * 5
    assert len(blue) == 2 * 5 * 5
    assert "50" in fig.axes[0].texts[-1].get_text()


def test_curves_are_the_medians_over_seeds() -> None:
    line = CALLS["training_curves"]().axes[0].lines[1]
    assert line.get_ydata() == pytest.approx(np.median(CURVES["batch norm"], 1))


def test_every_learnt_scale_is_a_dot() -> None:
    fig = CALLS["learnt_scales"]()
    for column, ax in enumerate(fig.axes):
        dots = [line for line in ax.lines if len(line.get_ydata()) == 5]
        assert [list(dot.get_ydata()) for dot in dots] == [list(pair[column]) for pair in LAYERS]

"""The movable figures of ``preprocessing``: their numbers are those of the library."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.preprocessing import explore as figures

CASES = [(stage, r, m) for stage in figures.TRANSFORMS for r in (0.4, 0.95) for m in (0.0, 3.0)]


@pytest.mark.parametrize(("stage", "correlation", "mean"), CASES)
def test_the_path_is_gradient_descent_on_the_points(stage, correlation, mean):
    """The cost is computed afresh from the points, its gradient by automatic differentiation."""
    found = figures.descent(stage, correlation, mean)
    target = found.points @ found.optimum
    values = np.linalg.eigvalsh(found.M.numpy())
    rate = 2 / (values[0] + values[1])
    for before, after in list(zip(found.path, found.path[1:], strict=False))[:5]:
        w = before.clone().requires_grad_()
        cost = ((found.points @ w - target) ** 2).mean() / 2
        (gradient,) = torch.autograd.grad(cost, w)
        torch.testing.assert_close(before - rate * gradient, after)
    assert found.kappa == pytest.approx(np.linalg.cond(found.M.numpy()), rel=1e-9)


@pytest.mark.parametrize("correlation", [0.4, 0.8, 0.95])
def test_condition_numbers_are_those_of_the_text(correlation):
    """Two standardized inputs have κ = (1 + ρ)/(1 − ρ); a rotation leaves it alone."""
    wanted = (1 + correlation) / (1 - correlation)
    for stage in ("standardized", "decorrelated"):
        assert figures.descent(stage, correlation, 1.0).kappa == pytest.approx(wanted, rel=1e-6)
    assert figures.descent("whitened", correlation, 1.0).steps == 1


def test_centring_without_a_bias_makes_it_worse_for_some_settings():
    raw, centred = (figures.descent(stage, 0.95, 1.0) for stage in ("raw", "centred"))
    assert centred.kappa > 1.5 * raw.kappa
    assert centred.steps > raw.steps
    far, near = (figures.descent(stage, 0.4, 3.0) for stage in ("raw", "centred"))
    assert far.kappa > 2 * near.kappa


def test_a_narrow_window_shows_the_lesions_and_a_wide_one_does_not():
    assert "differ from the liver by 20%" in figures.describe_window(50.0, 60.0)
    assert "differ from the liver by 1%" in figures.describe_window(50.0, 1500.0)
    assert "Level −600" in figures.describe_window(-600.0, 1500.0)


def test_figures_and_sentences():
    pair = figures.window_and_level(50.0, 120.0)
    assert [type(f) for f in pair] == [Figure, Figure]
    shades = np.unique(np.asarray(pair[0].axes[0].images[0].get_array()))
    assert (shades.min(), shades.max()) == (0, 1)
    assert [type(f) for f in figures.cloud_and_descent("whitened", 0.8, 0.0)] == [Figure, Figure]
    assert "one step" in figures.describe_descent("whitened", 0.8, 0.0)
    assert "κ = 39" in figures.describe_descent("standardized", 0.95, 3.0)

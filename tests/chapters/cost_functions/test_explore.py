"""The movable figures of ``cost_functions``: their numbers are those of the library."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib import losses
from lecturelib.chapters.cost_functions import explore as figures

TARGETS = torch.tensor(figures.TARGETS)


@pytest.mark.parametrize("model", ["Gaussian", "Laplace"])
@pytest.mark.parametrize("location", [1.0, 2.5])
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_the_cost_is_that_of_the_library(model, location, scale):
    nll = losses.gaussian_nll if model == "Gaussian" else losses.laplace_nll
    wanted = nll(torch.full_like(TARGETS, location), TARGETS, scale=scale).item()
    assert figures.mean_nll(model, location, scale) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("model", ["Gaussian", "Laplace"])
def test_no_other_location_or_scale_is_better(model):
    location, scale, lowest = figures.best(model)
    for d in (-0.2, -0.01, 0.01, 0.2):
        assert figures.mean_nll(model, location + d, scale) > lowest
        assert figures.mean_nll(model, location, scale + d) > lowest


def test_the_text_of_the_chapter_about_the_nine_targets_is_right():
    assert figures.TARGETS.mean() == pytest.approx(2)
    assert np.median(figures.TARGETS) == 1.5
    assert figures.best("Laplace")[2] < figures.best("Gaussian")[2]


@pytest.mark.parametrize("last", [1.0, 5.5, 20.0])
def test_statistics_are_the_minima_of_their_costs(last):
    y = torch.tensor(np.append(figures.TARGETS[:-1], last))
    places = torch.linspace(0, 6, 60_001, dtype=torch.float64)
    f, y = places[:, None].expand(-1, 9), y.expand(60_001, 9)
    costs = {
        "Gaussian": losses.mse_loss(f, y, reduction="none"),
        "Laplace": losses.l1_loss(f, y, reduction="none"),
        "Huber": losses.huber_loss(f, y, reduction="none", delta=1.0),
    }
    for name, place in figures.statistics(last).items():
        lowest = places[costs[name].mean(1).argmin()].item()
        assert place == pytest.approx(lowest, abs=2e-3), name


def test_median_and_huber_do_not_follow_a_far_target():
    near, far = figures.statistics(5.5), figures.statistics(20.0)
    assert far["Laplace"] == near["Laplace"]
    assert far["Huber"] == pytest.approx(near["Huber"], abs=1e-9)
    assert far["Gaussian"] - near["Gaussian"] == pytest.approx((20 - 5.5) / 9)


@pytest.mark.parametrize("probability", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("share", [0.1, 0.7])
def test_expected_bernoulli_cost_is_that_of_the_library(probability, share):
    logit, label = torch.tensor([probability]).double().logit(), torch.tensor([share]).double()
    wanted = losses.bernoulli_nll(logit, label).item()
    assert figures.bernoulli_nll(probability, share) == pytest.approx(wanted, rel=1e-6)


def test_figures_and_sentences():
    pair = figures.likelihood("Laplace", 1.5, 1.0)
    assert [type(f) for f in pair] == [Figure, Figure]
    assert "lowest" in figures.describe_likelihood("Gaussian", 3.0, 1.0)
    assert "at 2.00 with scale" in figures.describe_likelihood("Gaussian", 3.0, 1.0)
    assert isinstance(figures.one_outlier(8.0), Figure)
    assert "median 1.50" in figures.describe_outlier(20.0)
    assert isinstance(figures.bernoulli_cost(0.5, 0.7), Figure)
    assert "divergence 0.000" in figures.describe_bernoulli(0.7, 0.7)

"""Experiments of the chapter hidden_units, against theory and closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from lecturelib.chapters.hidden_units import experiments

FUNCTIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "softplus": torch.nn.functional.softplus,
}


@pytest.mark.parametrize("centre", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_start_gives_sums_of_mean_square_one(name: str, centre: bool) -> None:
    f = FUNCTIONS[name]
    g = torch.Generator().manual_seed(0)
    h = f(torch.randn(1024, 200, generator=g))
    weight, bias = experiments.start_for(f, centre=centre)(1, 1024, 1024, g)
    sums = weight @ h + bias
    assert sums.square().mean().item() == pytest.approx(1, abs=0.1)
    if centre:  # nothing is left that all samples share, but for sampling
        assert sums.mean(1).square().mean() < 0.05


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_follow_rho(name: str) -> None:
    f = FUNCTIONS[name]
    m = experiments.moments(f)
    found = experiments.through_layers(range(4), f, layers=6, width=512, samples=32)
    wanted = (m["slope square"] / m["square"]) ** (5 / 2)
    assert found["ratio"].median().item() == pytest.approx(wanted, rel=0.15)


def test_saturated_units_are_counted_where_the_slope_is_small() -> None:
    found = experiments.through_layers([0], torch.tanh, scale=1e-6, layers=2, width=256)
    # Layer 1 has normal sums, layer 2 nearly zeros: half of P(|z| > artanh(√0.9)).
    tail = math.erfc(math.atanh(math.sqrt(0.9)) / math.sqrt(2))
    assert found["saturated"].item() == pytest.approx(tail / 2, rel=0.1)


def test_sizes_of_the_recommended_tanh_end_at_a_fixed_point() -> None:
    f = experiments.ZOO["lecun_tanh"]
    found = experiments.sizes(f, 1.0, 200)
    assert found[0] == 1.0
    assert found[-1] == pytest.approx(experiments.sizes(f, 1.0, 201)[-1], abs=1e-6)


def test_steps_to_a_level_count_the_whole_window() -> None:
    losses = torch.tensor([[4.0, 1.0], [2.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    assert experiments.steps_to(losses, 1.5, window=2).tolist() == [3.0, 2.0]
    assert experiments.steps_to(losses, 0.5, window=2).tolist() == [4.0, math.inf]


def test_one_sign_ignores_zeros() -> None:
    rows = torch.tensor([[0.0, 1.0], [0.0, -2.0], [1.0, -1.0], [0.0, 0.0]])
    assert experiments._one_sign(rows).tolist() == [True, True, False, True]


def test_a_network_that_diverged_has_no_living_unit() -> None:
    found = experiments.death([0], lr=1e6, width=16, epochs=1)
    assert found["dead"].item() == 1
    assert found["revived"].item() == 0

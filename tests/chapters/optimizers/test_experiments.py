"""Experiments of the chapter optimizers against closed forms, and against PyTorch one at a time."""

from __future__ import annotations

import math

import pytest
import torch

from lecturelib.chapters.optimizers import experiments
from lecturelib.experiments.perceptrons import Perceptrons, digits


@pytest.mark.parametrize("method", ["SGD", "momentum", "Nesterov"])
@pytest.mark.parametrize("kappa", [4.0, 100.0])
def test_the_promised_rate_is_the_largest_root_over_the_spectrum(method, kappa):
    lr, alpha, rho = experiments.tuned_quadratic(method, kappa)
    h = lr * torch.logspace(-math.log10(kappa), 0, 2_001, dtype=torch.float64)
    largest = experiments.root_modulus(h, alpha, nesterov=method == "Nesterov").max().item()
    assert largest == pytest.approx(rho, abs=1e-6)


@pytest.mark.parametrize("nesterov", [False, True])
def test_root_modulus_is_the_spectral_radius(nesterov):
    alpha = 0.7
    for h in (0.001, 0.1, 0.9, 1.2):
        g = (1 + alpha) * (1 - h) if nesterov else 1 + alpha - h
        p = alpha * (1 - h) if nesterov else alpha
        matrix = torch.tensor([[g, -p], [1.0, 0.0]], dtype=torch.float64)
        radius = torch.linalg.eigvals(matrix).abs().max().item()
        found = experiments.root_modulus(torch.tensor([h]).double(), alpha, nesterov=nesterov)
        assert found.item() == pytest.approx(radius, abs=1e-7)


def test_steps_until_counts_to_where_the_loss_stays():
    losses = torch.tensor([[1.0, 1.0], [0.05, 0.5], [0.2, 0.4], [0.01, 0.3]])
    assert experiments.steps_until(losses, 0.1).tolist() == [3.0, math.inf]


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9])
def test_noise_floor_is_the_stationary_variance(alpha):
    found = experiments.noise_floor(range(4), lr=0.2, alpha=alpha, copies=200, steps=400)
    wanted = experiments.stationary_variance(0.2, alpha, 1.0, 1.0)
    assert found[100:].mean().item() == pytest.approx(wanted, rel=0.05)


def test_uncorrected_adam_is_the_paper_s_rule_without_its_two_hats():
    generator = torch.Generator().manual_seed(0)
    theta = torch.randn(6, generator=generator, dtype=torch.float64)
    expected, m, v = theta.clone(), torch.zeros_like(theta), torch.zeros_like(theta)
    p = theta.clone().requires_grad_()
    optimizer = experiments.UncorrectedAdam([p], 0.1)
    for _ in range(5):
        g = torch.randn(6, generator=generator, dtype=torch.float64)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        expected -= 0.1 * m / (v.sqrt() + 1e-8)
        p.grad = g
        optimizer.step()
    torch.testing.assert_close(p.detach(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["momentum", "RMSProp", "Adam"])
def test_seeds_do_not_see_each_other(name):
    """Three networks side by side, and the middle one by itself."""
    results = []
    for seeds in ((3, 4, 5), (4,)):
        x, y, *_ = digits(seeds)
        networks = Perceptrons(seeds, (64, 8, 10)).double()
        optimizer = experiments.make(name, networks.parameters(), 1e-2)
        losses = experiments.train(networks, x.double(), y, optimizer, epochs=1)
        results.append(losses[:, seeds.index(4)])
    torch.testing.assert_close(*results, rtol=1e-9, atol=1e-9)


def test_a_schedule_scales_the_learning_rate():
    x, y, *_ = digits((0,))
    losses = []
    for lr, schedule in ((0.1, lambda step: 0.5), (0.05, None)):
        networks = Perceptrons([0], (64, 8, 10))
        optimizer = experiments.make("SGD", networks.parameters(), lr)
        losses.append(experiments.train(networks, x, y, optimizer, epochs=1, schedule=schedule))
    assert torch.equal(*losses)


def test_the_choice_sees_validation_alone():
    validation = torch.tensor([[0.5, 0.9], [0.6, 0.9]])
    test = torch.tensor([[1.0, 0.1], [0.0, 0.2]])
    assert experiments.choose(validation, test).tolist() == [0.0, pytest.approx(0.1)]


def test_a_network_that_diverged_answers_nothing_right():
    found = experiments.solver_grid((0,), rates=(1e30,), epochs=1, width=4)
    assert found["SGD"]["test"].item() == 0.0


def test_unknown_names_are_named():
    with pytest.raises(ValueError, match=r"^make: no solver 'Lion'; there are SGD, momentum"):
        experiments.make("Lion", [], 0.1)
    with pytest.raises(ValueError, match=r"^tuned_quadratic: method must be"):
        experiments.tuned_quadratic("Adam", 10.0)


def test_a_turned_valley_is_the_same_to_momentum_and_not_to_adagrad():
    solvers = {name: experiments.SOLVERS[name] for name in ("momentum", "AdaGrad")}
    found = experiments.turned_valleys(range(3), rates=(0.3, 1.0, 100.0), solvers=solvers)
    assert torch.equal(found["momentum"]["along"], found["momentum"]["turned"])
    assert (found["AdaGrad"]["turned"] > 3 * found["AdaGrad"]["along"]).all()


def test_the_best_rate_of_a_valley_is_the_one_with_the_fewest_steps():
    """Gradient descent with one curvature: 1 − ηλ to the power 2t is the share."""
    rates = (0.1, 0.5, 0.8)
    solvers = {"SGD": experiments.SOLVERS["SGD"]}
    found = experiments.turned_valleys(
        range(2), kappa=1.0, dimension=2, rates=rates, solvers=solvers
    )["SGD"]
    assert found["rate along"].tolist() == [0.8, 0.8]
    assert found["along"].tolist() == [math.ceil(math.log(1e-4) / (2 * math.log(0.2)))] * 2


def test_a_valley_that_nobody_crosses_counts_as_infinite():
    solvers = {"SGD": experiments.SOLVERS["SGD"]}
    found = experiments.turned_valleys(range(2), rates=(1e-3, 50.0), limit=20, solvers=solvers)
    assert found["SGD"]["along"].isinf().all()


def test_nesterov_at_its_best_is_better_than_its_textbook_choice():
    kappa = 100.0
    h = torch.logspace(-2, 0, 501, dtype=torch.float64)
    textbook = experiments.root_modulus(h, 9 / 11, nesterov=True).max().item()
    assert textbook == pytest.approx(0.9, abs=1e-6)
    assert experiments.tuned_quadratic("Nesterov", kappa)[2] == pytest.approx(0.8847, abs=1e-4)


def test_steps_below_takes_the_mean_of_a_window():
    losses = torch.tensor([[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    assert experiments.steps_below(losses, 0.6, window=2).tolist() == [2.0, math.inf]


def test_the_opening_has_a_run_for_each_rate():
    found = experiments.training_losses((0,), standardize=True, steps=3)
    assert {name: tuple(runs) for name, runs in found.items()} == experiments.OPENING
    assert found["SGD"][0.1].shape == (3, 1)


@pytest.mark.parametrize("name", ["SGD", "AdaGrad"])
def test_a_rule_of_the_text_is_compared_on_the_same_gradients(name):
    def rule(theta, g, state, lr):
        state["r"] = state.get("r", 0.0) + g**2
        return theta - lr * (g if name == "SGD" else g / (state["r"].sqrt() + 1e-10))

    mine, theirs = experiments.hundred_steps(rule, name)
    torch.testing.assert_close(mine, theirs, rtol=1e-12, atol=1e-12)


def test_a_misplaced_rate_is_the_next_of_the_grid():
    grid = {
        "SGD": {
            "validation": torch.tensor([[0.1], [0.9], [0.2]]),
            "test": torch.tensor([[0.3], [0.8], [0.5]]),
        }
    }
    assert experiments.misplaced(grid, -1)["SGD"].item() == pytest.approx(0.5)
    assert experiments.misplaced(grid, 1)["SGD"].item() == pytest.approx(0.3)
    assert experiments.misplaced(grid, 9)["SGD"].item() == pytest.approx(0.3)


def test_noise_on_the_inputs_is_there_in_training_alone():
    networks = experiments.NoisyPerceptrons((0, 1), 1.0)
    x = torch.zeros(2, 64, 5)
    assert not torch.equal(networks(x), networks(x))
    networks.eval()
    assert torch.equal(networks(x), networks(x))


def test_schedules_end_where_their_rate_says():
    """A constant schedule is no schedule, and linear decay ends with a rate of nearly zero."""
    found = experiments.schedule_ends((0,), rates=(0.01, 1e9), epochs=1)
    assert set(found) == {"constant", "linear decay", "cosine"}
    assert found["constant"]["loss"].shape == (2, 1)
    assert found["constant"]["loss"][1].isinf().all() or found["constant"]["loss"][1] > 10
    assert experiments.PLANS["constant"](10)(7) == 1.0
    assert experiments.PLANS["linear decay"](10)(10) == 0.0


def test_runs_without_correction_and_with_warm_up_have_their_shapes():
    found = experiments.uncorrected_runs((0,), epochs=1)
    assert all(losses.shape == (22, 1) for losses in found.values())
    found = experiments.warmed_up((0,), rates=(0.01,), depth=1, steps=4, rise=2)
    assert all(loss.shape == (1, 1) for loss in found.values())

"""The experiments on noise and augmentation against closed forms, autograd and plain loops."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from lecturelib import augment
from lecturelib.chapters.noise_and_augmentation import experiments
from lecturelib.experiments.wrong_labels import best, flip_labels

SEEDS = [0, 1]
SMALL = {"samples": 120, "held_out": 60, "width": 16, "epochs": 3, "batch_size": 60}


def test_labels_are_flipped_to_another_class_with_the_given_probability() -> None:
    y = torch.arange(10).repeat(2, 500)
    flipped = flip_labels(y, 0.4, [torch.Generator().manual_seed(s) for s in SEEDS])
    assert (flipped != y).double().mean(1).tolist() == pytest.approx([0.4, 0.4], abs=0.03)
    same = flip_labels(y, 0.0, [torch.Generator().manual_seed(s) for s in SEEDS])
    assert (same == y).all()


def test_the_best_run_is_picked_for_each_seed_and_never_one_that_is_no_number() -> None:
    runs = [
        {"score": torch.tensor([1.0, 3.0, math.nan]), "value": torch.tensor([10.0, 20.0, 30.0])},
        {"score": torch.tensor([2.0, 1.0, 5.0]), "value": torch.tensor([11.0, 21.0, 31.0])},
    ]
    assert best(runs, "score", smallest=False)["value"].tolist() == [11, 20, 31]
    assert best(runs, "score", smallest=True)["value"].tolist() == [10, 21, 31]


def test_a_seed_does_not_depend_on_its_neighbours() -> None:
    options = {"lr": 0.1, "flip": 0.4, "augmentation": partial(experiments.noisy, std=0.2), **SMALL}
    both, data = experiments.train(SEEDS, **options)
    alone, one = experiments.train([1], **options)
    torch.testing.assert_close(data["y"][1], one["y"][0])
    torch.testing.assert_close(both(data["x_test"])[1], alone(one["x_test"])[0])


def test_an_augmentation_that_changes_nothing_changes_nothing() -> None:
    plain, data = experiments.train(SEEDS, lr=0.1, **SMALL)
    same, _ = experiments.train(SEEDS, lr=0.1, augmentation=lambda x, g: x, **SMALL)
    torch.testing.assert_close(plain(data["x_test"]), same(data["x_test"]))


def test_augmentations_see_images_that_stand_upright() -> None:
    seen = []

    def look(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        seen.append(images)
        return images

    _, data = experiments.train([0], lr=0.1, augmentation=look, **SMALL)
    first = seen[0][0].reshape(64)
    assert (data["x"][0] == first[:, None]).all(0).any()
    assert seen[0].shape == (60, 1, 8, 8)


def test_gains_are_of_the_runs_that_validation_data_prefer() -> None:
    rates = (0.01, 0.3)
    found = experiments.shift_gain(SEEDS, lrs=rates, most=1, flip=0.4, **SMALL)
    runs = [experiments.scores(*experiments.train(SEEDS, lr=lr, flip=0.4, **SMALL)) for lr in rates]
    wanted = best(runs, "validation", smallest=False)["test"]
    torch.testing.assert_close(found["plain"], wanted)
    torch.testing.assert_close(found["gain"], found["other"] - found["plain"])
    assert set(found["rate"].tolist()) <= set(rates)


def test_invariance_is_counted_over_the_eight_shifts() -> None:
    networks, data = experiments.train([0], lr=0.1, **SMALL)
    found = experiments._under_shifts(networks, data)
    images = data["x_test"][0].T.reshape(-1, 1, 8, 8)
    answers = networks(data["x_test"])[0].argmax(0)
    same = []
    for down, right in experiments.SHIFTS:
        moved = torch.zeros_like(images)
        for r in range(8):
            for c in range(8):
                if 0 <= r - down < 8 and 0 <= c - right < 8:
                    moved[:, 0, r, c] = images[:, 0, r - down, c - right]
        given = networks(moved.flatten(1).T[None])[0].argmax(0)
        same.append((given == answers).double().mean().item())
    assert found["same"].item() == pytest.approx(sum(same) / 8)


def test_noise_and_smoothing_report_the_strength_that_was_picked() -> None:
    noise = experiments.noise_gain(
        SEEDS, lrs=(0.1,), strengths=(0.1, 0.5), test_noise=0.3, fixed=(0.1, 0.5), **SMALL
    )
    assert set(noise["std"].tolist()) <= {0.1, 0.5}
    assert noise["fixed"].shape == noise["robust"].shape == (2,)
    smooth = experiments.smoothing_gain(SEEDS, lrs=(0.1,), strengths=(0.0,), **SMALL)
    assert smooth["gain"].tolist() == [0, 0]
    assert smooth["loss"].tolist() == [1, 1]


def test_a_course_ends_where_the_training_ends() -> None:
    run = experiments.course(SEEDS, lr=0.1, **SMALL)
    end = experiments.scores(*experiments.train(SEEDS, lr=0.1, **SMALL))
    assert run["test"].shape == (3, 2)
    torch.testing.assert_close(run["test"][-1], end["test"])
    assert "test labels" in experiments.ends(run)


def test_classes_add_up_to_the_accuracy() -> None:
    networks, data = experiments.train(SEEDS, lr=0.1, **SMALL)
    each = experiments.classes_right(networks, data)
    counts = torch.stack([(data["y_test"] == k).sum(1) for k in range(10)])
    total = (torch.stack([each[f"class {k}"] for k in range(10)]) * counts).sum(0) / 360
    found = experiments.scores(networks, data)
    torch.testing.assert_close(total, found["test"])
    assert "0: " in experiments.by_class({**each, **found}, (0, 6))


def test_the_kernel_mean_minimizes_the_risk_under_noise() -> None:
    """On a grid: any change of the function raises the integral."""
    x, y = experiments.scalar_samples(8)
    grid = torch.linspace(-5, 5, 2001, dtype=torch.float64)
    density = torch.exp(-((grid[:, None] - x) ** 2) / (2 * 0.3**2))

    def risk(f: torch.Tensor) -> float:
        return (density * (f[:, None] - y) ** 2).sum().item()

    best_one = experiments.kernel_mean(grid, x, y, 0.3)
    for change in (torch.ones_like(grid), torch.sin(3 * grid), -grid):
        for size in (0.1, -0.1):
            assert risk(best_one) < risk(best_one + size * change)


def test_ridge_is_the_limit_of_many_noisy_copies() -> None:
    g = torch.Generator().manual_seed(0)
    x = torch.randn(20, 3, generator=g, dtype=torch.float64)
    y = torch.randn(20, generator=g, dtype=torch.float64)
    noise = torch.randn(20_000, 20, 3, generator=g, dtype=torch.float64)
    copies = (x + 0.8 * noise).flatten(0, 1)
    w = torch.linalg.lstsq(copies, y.repeat(20_000)[:, None]).solution[:, 0]
    torch.testing.assert_close(experiments.line_of_best(x, y, 0.8), w, atol=5e-3, rtol=0)


def test_the_terms_of_weight_noise_are_those_of_autograd() -> None:
    networks = experiments.ScalarNetworks(SEEDS, units=3, samples=5, noise=0.3, amplitude=2.0)
    gradient, second = networks.terms()
    for s in range(len(SEEDS)):

        def f(theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
            w, b, v, c = theta.split([3, 3, 3, 1])
            return (v * torch.tanh(w * x + b)).sum() + c[0]

        theta = networks.theta[s, 0]
        squares, products = [], []
        for x, y in zip(networks.x, networks.y[s, 0], strict=True):
            g = torch.autograd.functional.jacobian(lambda t, x=x: f(t, x), theta)
            squares.append(g.square().sum())
            trace = torch.autograd.functional.hessian(lambda t, x=x: f(t, x), theta).trace()
            products.append((f(theta, x) - y) * trace)
        torch.testing.assert_close(gradient[s], torch.stack(squares).mean())
        torch.testing.assert_close(second[s], torch.stack(products).mean())


def test_the_measured_increase_is_near_the_sum_of_both_terms() -> None:
    networks = experiments.ScalarNetworks([3], units=4, samples=20, noise=0.3)
    gradient, second = networks.terms()
    increase = networks.increase(0.01, 20_000) / 0.01**2
    assert increase.item() == pytest.approx((gradient + second).item(), rel=0.05)


def test_the_shift_of_the_package_is_that_of_the_experiments() -> None:
    images = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    a, b = (torch.Generator().manual_seed(1) for _ in range(2))
    shifted = experiments.shifted(images, a, most=1)
    torch.testing.assert_close(shifted, augment.random_shift(images, 1, generator=b))


def test_noise_on_the_weights_is_added_to_each_of_them() -> None:
    networks, data = experiments.train(SEEDS, lr=0.1, weight_noise=0.05, **SMALL)
    x = data["x_test"]
    torch.testing.assert_close(experiments._disturbed(networks, x, 0.0), networks(x))
    before = [p.clone() for p in networks.parameters()]
    states = [g.get_state() for g in networks.generators]
    found = experiments._disturbed(networks, x, 0.3)[1]
    assert all(torch.equal(p, q) for p, q in zip(networks.parameters(), before, strict=True))
    g = torch.Generator()
    g.set_state(states[1])
    parts = [*networks.weights, *networks.biases]
    w, v, b, c = (p[1] + 0.3 * torch.randn(p.shape[1:], generator=g) for p in parts)
    torch.testing.assert_close(found, v @ torch.relu(w @ x[1] + b) + c)


def test_what_noise_at_the_input_adds_agrees_with_automatic_differentiation() -> None:
    curves = experiments.ScalarNetworks(SEEDS, units=5, samples=7, noise=0.3)
    terms = experiments.input_terms(curves, 0.01, draws=2000)
    w, b, v, c = curves.theta[1, 0].split([5, 5, 5, 1])

    def f(x: torch.Tensor) -> torch.Tensor:
        return (v * torch.tanh(w * x + b)).sum() + c[0]

    slopes = torch.stack([torch.func.grad(f)(x) for x in curves.x])
    bends = torch.stack([torch.func.grad(torch.func.grad(f))(x) for x in curves.x])
    residuals = torch.stack([f(x) for x in curves.x]) - curves.y[1, 0]
    assert terms["penalty"][1] == pytest.approx(1e-4 * slopes.square().mean().item())
    assert terms["second"][1] == pytest.approx(1e-4 * (residuals * bends).mean().item())
    off = terms["increase"] - terms["penalty"] - terms["second"]
    assert (off.abs() < 0.1 * terms["penalty"]).all()  # a mean over finitely many draws


def test_answers_are_counted_on_mirrored_and_on_turned_digits() -> None:
    networks, data = experiments.train(SEEDS, lr=0.1, **SMALL)
    for flip in (False, True):
        shares = [experiments.mirrored(networks, data, 5, k, flip=flip) for k in range(10)]
        torch.testing.assert_close(torch.stack(shares).sum(0), torch.ones(2).double())
    upright = experiments.classes_right(networks, data)["class 5"]
    torch.testing.assert_close(experiments.mirrored(networks, data, 5, 5, flip=False), upright)
    right = experiments.scores(networks, data)["test"]
    torch.testing.assert_close(experiments.turned(networks, data, 0.0)["turned"], right)
    torch.testing.assert_close(experiments.shaken(networks, data, 0.0)["shaken"], right)

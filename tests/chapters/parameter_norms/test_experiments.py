"""The experiments on penalties against scikit-learn, closed forms and plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso, Ridge

from lecturelib.chapters.parameter_norms import experiments
from lecturelib.chapters.parameter_norms.experiments import LinearProblem
from lecturelib.gradient_descent import gradient_descent

SEEDS = [0, 1]
STRENGTHS = torch.tensor([0.02, 0.1, 0.5], dtype=torch.float64)


@pytest.fixture(scope="module")
def problem() -> LinearProblem:
    return LinearProblem(SEEDS, samples=40, features=20, relevant=4, noise=0.5)


def test_a_seed_does_not_depend_on_its_neighbours(problem: LinearProblem) -> None:
    alone = LinearProblem([1], samples=40, features=20, relevant=4, noise=0.5)
    torch.testing.assert_close(alone.x[0], problem.x[1])
    torch.testing.assert_close(alone.y_test[0], problem.y_test[1])
    assert problem.w.abs().sum(1).tolist() == [4, 4]


def test_the_paths_are_those_of_scikit_learn(problem: LinearProblem) -> None:
    """Its Lasso has our scale, α = λ; its Ridge adds α‖w‖² to the summed squares, so α = 2Nλ."""
    lasso = experiments.proximal_path(problem, STRENGTHS, 2000)
    ridge = experiments.ridge_path(problem, STRENGTHS)
    for s in range(len(SEEDS)):
        x, y = problem.x[s].numpy(), problem.y[s, :, 0].numpy()
        for k, strength in enumerate(STRENGTHS.tolist()):
            one = Lasso(alpha=strength, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(x, y)
            np.testing.assert_allclose(lasso[s, k], one.coef_, atol=1e-7)
            assert ((lasso[s, k] == 0).numpy() == (one.coef_ == 0)).all()
            two = Ridge(alpha=2 * len(x) * strength, fit_intercept=False).fit(x, y)
            np.testing.assert_allclose(ridge[s, k], two.coef_, atol=1e-10)


@pytest.mark.parametrize("p", [1, 2])
def test_a_ball_of_its_norm_gives_the_penalized_solution_and_a_smaller_one_does_not(
    problem: LinearProblem, p: int
) -> None:
    path = (
        experiments.proximal_path(problem, STRENGTHS, 2000)
        if p == 1
        else experiments.ridge_path(problem, STRENGTHS)
    )
    w = path[:, 1]
    radii = w.norm(p=p, dim=1)
    same = experiments.projected(problem, radii, p, 2000)[:, 0]
    torch.testing.assert_close(same, w, atol=1e-8, rtol=0)
    smaller = experiments.projected(problem, 0.9 * radii, p, 2000)[:, 0]
    torch.testing.assert_close(smaller.norm(p=p, dim=1), 0.9 * radii)
    assert ((smaller - w).norm(dim=1) > 0.02).all()


def test_shrinkage_is_what_gradient_descent_does() -> None:
    curvature = torch.tensor([0.1, 1.0, 3.0], dtype=torch.float64)
    path = gradient_descent(
        lambda w, t: curvature * (w - 1), torch.zeros_like(curvature), lr=0.2, steps=7
    )
    stopped, ridge = experiments.shrinkage(curvature, 7, 0.2)
    torch.testing.assert_close(stopped, path[-1])
    torch.testing.assert_close(ridge, curvature / (curvature + 2 / (2 * 0.2 * 7)))


def test_for_small_rates_the_two_shares_differ_by_a_fifth_at_most() -> None:
    """With x = ηth they are 1 − e⁻ˣ and x / (1 + x)."""
    x = torch.logspace(-4, 3, 20_001, dtype=torch.float64)
    stopped, ridge = experiments.shrinkage(x, 10_000_000, 1e-7)
    assert (stopped - ridge).amax().item() == pytest.approx(0.2036, abs=1e-4)
    assert (stopped / ridge).amax().item() == pytest.approx(1.2985, abs=1e-4)
    assert (stopped / ridge).amin().item() == pytest.approx(1, abs=1e-4)


def test_the_best_run_is_picked_for_each_seed() -> None:
    runs = [
        {"score": torch.tensor([1.0, 3.0, math.nan]), "value": torch.tensor([10.0, 20.0, 30.0])},
        {"score": torch.tensor([2.0, 1.0, 5.0]), "value": torch.tensor([11.0, 21.0, 31.0])},
    ]
    found = experiments.best(runs, "score", smallest=False)
    assert found["value"].tolist() == [11, 20, 31]
    assert found["run"].tolist() == [1, 0, 1]
    assert experiments.best(runs, "score", smallest=True)["value"].tolist() == [10, 21, 31]


def test_labels_are_flipped_alike_in_training_and_validation_and_never_to_themselves() -> None:
    y = torch.arange(10).repeat(2, 500)
    flipped = experiments._flipped(y, 0.4, [torch.Generator().manual_seed(s) for s in SEEDS])
    share = (flipped != y).double().mean(1)
    assert share.tolist() == pytest.approx([0.4, 0.4], abs=0.03)
    same = experiments._flipped(y, 0.0, [torch.Generator().manual_seed(s) for s in SEEDS])
    assert (same == y).all()


SMALL = {"samples": 120, "held_out": 60, "width": 16, "epochs": 4, "batch_size": 60}


def test_a_course_is_the_same_however_often_it_is_looked_at() -> None:
    options = {"lr": 0.01, "penalty": 0.01, "flip": 0.4, **SMALL}
    often = experiments.courses(SEEDS, **options)
    once = experiments.courses(SEEDS, **options, every=4)
    assert often["test"].shape == (4, 2)
    for name, values in once.items():
        torch.testing.assert_close(values[0], often[name][-1])


def test_a_ball_bounds_the_weights_of_each_unit_and_no_bias() -> None:
    g = torch.Generator().manual_seed(0)
    weight = (3 * torch.randn(2, 4, 5, generator=g)).requires_grad_()
    bias = (3 * torch.randn(2, 4, 1, generator=g)).requires_grad_()
    before = [p.detach().clone() for p in (weight, bias)]
    sgd = experiments.MaxNormSGD([weight, bias], radius=1.5, lr=0.1, momentum=0.9)
    for p in (weight, bias):
        p.grad = torch.randn(p.shape, generator=g)
    sgd.step()
    steps = [b - 0.1 * p.grad for b, p in zip(before, (weight, bias), strict=True)]
    scale = steps[0].norm(dim=-1, keepdim=True).clamp(min=1.5) / 1.5
    torch.testing.assert_close(weight.detach(), steps[0] / scale)
    torch.testing.assert_close(bias.detach(), steps[1])


def test_a_ball_that_is_never_reached_changes_nothing() -> None:
    options = {"lr": 0.01, "penalty": 0.01, "flip": 0.4, **SMALL, "every": 4}
    free = experiments.courses(SEEDS, **options)
    wide = experiments.courses(SEEDS, **options, radius=1e6)
    tight = experiments.courses(SEEDS, **options, radius=0.05)
    for name, values in free.items():
        torch.testing.assert_close(wide[name], values)
    # With weights that are nearly 0 the network knows nothing but the shares of the classes.
    assert tight["test loss"][0].tolist() == pytest.approx(2 * [math.log(10)], abs=0.03)
    assert ((free["test loss"] - math.log(10)).abs() > 0.05).all()


def test_gains_are_of_the_runs_that_validation_data_prefer() -> None:
    rates = (0.001, 0.01)
    gain = experiments.l2_gain(SEEDS, lrs=rates, penalties=(0.003, 0.03), flip=0.4, **SMALL)
    plain = [experiments.courses(SEEDS, lr=lr, penalty=0.0, flip=0.4, **SMALL) for lr in rates]
    number = torch.stack([run["validation"][-1] for run in plain]).argmax(0)
    wanted = torch.stack([run["test"][-1] for run in plain]).gather(0, number[None])[0]
    torch.testing.assert_close(gain["plain"], wanted)
    torch.testing.assert_close(gain["gain"], gain["penalized"] - gain["plain"])
    assert set(gain["penalty"].tolist()) <= set(torch.tensor([0.003, 0.03]).tolist())
    stopped = experiments.early_stopping(SEEDS, lrs=rates, flip=0.4, **SMALL)
    torch.testing.assert_close(stopped["last"], gain["plain"])
    best = plain[-1]["validation loss"].argmin(0)
    early = plain[-1]["test"].gather(0, best[None])[0]
    torch.testing.assert_close(stopped["gain"], early - plain[-1]["test"][-1])


def test_the_parts_of_the_risk_follow_from_the_definition() -> None:
    found = experiments.decomposition(
        [3], degrees=(1,), strengths=(0.1,), samples=40, noise=0.3, repeats=300
    )
    assert found["noise"].flatten().tolist() == pytest.approx([0.09, 0.09], rel=0.05)
    # A line fits sin(πx) best as 3x/π, which leaves ½ − 3/π² of its mean square.
    assert found["bias"][0, 0].item() == pytest.approx(0.5 - 3 / math.pi**2, rel=0.05)
    total = found["bias"] + found["variance"] + found["noise"]
    assert total.flatten().tolist() == pytest.approx(found["risk"].flatten().tolist(), rel=0.05)


def test_a_polynomial_with_a_penalty_solves_its_normal_equations() -> None:
    g = torch.Generator().manual_seed(0)
    x, y = experiments._sine(g, samples=30, noise=0.3)
    basis = np.polynomial.chebyshev.chebvander(x.numpy(), 4)
    weights = np.diag([0.0, 1, 1, 1, 1])
    w = np.linalg.solve(basis.T @ basis + 2 * 30 * 0.01 * weights, basis.T @ y.numpy())
    fitted = experiments._polynomial(x, y, degree=4, strength=0.01)
    np.testing.assert_allclose(fitted(x), basis @ w, atol=1e-10)
    least = experiments._polynomial(x, y, degree=4, strength=0.0)
    wanted = np.polynomial.chebyshev.Chebyshev.fit(x.numpy(), y.numpy(), 4, domain=[-1, 1])
    np.testing.assert_allclose(least(x), wanted(x.numpy()), atol=1e-10)

"""The experiments on preprocessing: against gradient descent itself, scikit-learn and counting."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from lecturelib.chapters.preprocessing import claims as records
from lecturelib.chapters.preprocessing import experiments
from lecturelib.claims import get
from lecturelib.gradient_descent import gradient_descent
from lecturelib.preprocessing import Standardize, Whiten

F64 = torch.float64


@pytest.mark.parametrize("bias", [True, False])
def test_steps_are_those_that_gradient_descent_takes(bias: bool) -> None:
    x, y = experiments.cloud(3, samples=60, features=3)
    X = torch.cat([x, torch.ones(60, 1, dtype=F64)], 1) if bias else x
    M, b = X.T @ X / 60, X.T @ y / 60
    rate = 1 / np.linalg.eigvalsh(M.numpy())[-1]
    steps = experiments.steps_needed(x, y, tolerance=1e-3, bias=bias)
    path = gradient_descent(
        lambda w, t: M @ w - b, torch.zeros(X.shape[1], dtype=F64), lr=rate, steps=steps
    )
    error = path - torch.linalg.solve(M, b)
    excess = torch.einsum("ti,ij,tj->t", error, M, error)
    excess = excess / excess[0]
    assert excess[steps] <= 1e-3 < excess[steps - 1]


def test_courses_start_at_one_and_meet_the_tolerance_at_the_step_counted() -> None:
    x, y = experiments.cloud(5)
    steps = experiments.steps_needed(Standardize().fit_transform(x), y)
    course = experiments.courses([5], [0, steps - 1, steps])["standardized"][:, 0]
    assert course[0] == pytest.approx(1)
    assert course[2] <= 1e-6 < course[1]


@pytest.mark.parametrize("bias", [True, False])
def test_second_moment_in_population_is_the_limit_of_samples(bias: bool) -> None:
    g = torch.Generator().manual_seed(0)
    x = torch.randn(200_000, 2, generator=g, dtype=F64) * torch.tensor([1.0, 2.0]) + 1
    wanted = experiments.joint_second_moment(
        torch.diag(torch.tensor([1.0, 4.0], dtype=F64)), torch.ones(2, dtype=F64), bias=bias
    )
    torch.testing.assert_close(experiments.second_moment(x, bias=bias), wanted, atol=0.03, rtol=0)


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_with_a_bias_centring_never_makes_it_worse(scale: float) -> None:
    """The theorem of the chapter, on random covariances far from the experiment's own."""
    g = torch.Generator().manual_seed(1)
    for d in (1, 2, 6):
        A = scale * torch.randn(300, d, d + 1, generator=g, dtype=F64)
        mean = torch.randn(300, d, generator=g, dtype=F64)
        before, after = (
            np.linalg.cond(experiments.joint_second_moment(A @ A.mT, m).numpy())
            for m in (mean, 0 * mean)
        )
        assert (after <= before * (1 + 1e-9)).all()


@pytest.mark.parametrize("d", [2, 5, 64])
def test_uniform_inputs_have_the_condition_numbers_of_the_text(d: int) -> None:
    """1 + 3D without a bias; 12 h² with one, h from trace and determinant."""
    sample, mean = torch.eye(d, dtype=F64) / 12, torch.full((d,), 0.5, dtype=F64)
    plain, bordered = (
        np.linalg.cond(experiments.joint_second_moment(sample, mean, bias=b).numpy())
        for b in (False, True)
    )
    assert plain == pytest.approx(1 + 3 * d)
    trace = 13 / 12 + d / 4
    assert bordered == pytest.approx(12 * ((trace + (trace**2 - 1 / 3) ** 0.5) / 2) ** 2)
    centred = experiments.joint_second_moment(sample, 0 * mean)
    assert np.linalg.cond(centred.numpy()) == pytest.approx(12)


def test_of_all_whitenings_zca_changes_the_data_least() -> None:
    """Against random rotations of it, all of which whiten as well."""
    g = torch.Generator().manual_seed(0)
    x = torch.randn(200, 4, generator=g, dtype=F64) @ torch.randn(4, 4, generator=g, dtype=F64)
    z = x - x.mean(0)
    best = Whiten("zca").fit_transform(x)
    for _ in range(50):
        Q = torch.linalg.qr(torch.randn(4, 4, generator=g, dtype=F64)).Q
        other = best @ Q.T
        torch.testing.assert_close(other.T @ other / 200, torch.eye(4, dtype=F64))
        assert (other - z).square().sum() >= (best - z).square().sum()


def test_whitened_points_are_a_simplex_when_there_are_few() -> None:
    x = torch.randn(6, 20, generator=torch.Generator().manual_seed(0), dtype=F64)
    distances = torch.pdist(Whiten().fit_transform(x))
    torch.testing.assert_close(distances, distances[:1].expand_as(distances))


def test_the_error_of_mean_rounded_values_follows_its_first_harmonic() -> None:
    """exp(−2π²s²)/π from s = 0.15 on; without noise half a step."""
    found = experiments.rounding_bias([0.0, 0.15, 0.25, 0.35])
    assert found[0.0] == pytest.approx(0.499)
    for s in (0.15, 0.25, 0.35):
        assert found[s] == pytest.approx(np.exp(-2 * (np.pi * s) ** 2) / np.pi, abs=0.01)


def test_auc_is_scikit_learns() -> None:
    g = torch.Generator().manual_seed(0)
    low, high = torch.randint(0, 9, (50,), generator=g), torch.randint(3, 12, (70,), generator=g)
    labels = np.repeat([0, 1], [50, 70])
    wanted = roc_auc_score(labels, torch.cat([low, high]).numpy())
    assert experiments.auc(low.float(), high.float()) == pytest.approx(wanted)


def test_an_image_by_itself_becomes_zero_and_all_together_become_standard() -> None:
    x = torch.rand(1, 4, 6, generator=torch.Generator().manual_seed(0))
    order = torch.arange(6)[None]
    assert not experiments._by_own_statistics(x, order, 1).any()
    together = experiments._by_own_statistics(x, order, 6)
    torch.testing.assert_close(together.mean(2), torch.zeros(1, 4), atol=1e-6, rtol=0)


SHORT = {
    "T8": (records.conditions, {"samples": 100}),
    "PP2": (records.centring, {"cases": 50}),
    "T12": (records.range_of_values, {"size": 64}),
    "T13": (records.whose_statistics, {"epochs": 1, "splits": 1}),
}


@pytest.mark.parametrize("claim_id", SHORT)
def test_a_seed_gives_the_same_whoever_runs_beside_it(claim_id: str) -> None:
    experiment, changes = SHORT[claim_id]
    settings = get(claim_id).settings(**changes)  # type: ignore[arg-type]
    together = experiment(settings, [4, 9], "cpu")
    alone = experiment(settings, [9], "cpu")
    assert set(together) == {measure.name for measure in get(claim_id).measures}
    for name, values in together.items():
        assert values[1] == pytest.approx(alone[name][0], rel=1e-3, abs=1e-3), name


def test_shapes_of_a_square_matrix_are_the_cases_of_the_claim() -> None:
    """Oracle: the claim's own experiment, whose matrices are square."""
    ours = experiments.centring_by_shape([3, 4], 5, cases=200)
    claims = experiments.centring_worsens([3, 4], cases=200)
    assert torch.equal(ours, claims)
    assert (experiments.centring_by_shape([3, 4], 50, cases=200) < 0.1).all()


def test_with_positive_inputs_every_step_moves_both_weights_in_one_direction() -> None:
    """The theorem on signs; and the walk by PyTorch's own SGD."""
    found = experiments.sign_walk([5, 6], rate=0.8, steps=120)
    assert found["same"].tolist() == [1.0, 1.0]
    assert (experiments.sign_walk([5, 6], shift=0.5, rate=0.8)["same"] < 0.8).all()
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    sgd = torch.optim.SGD([w], lr=0.8)
    x = torch.rand(120, 2, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    for sample in x:
        sgd.zero_grad()
        (0.5 * ((w - torch.tensor([1.0, -1.0])) @ sample) ** 2).backward()
        sgd.step()
    torch.testing.assert_close(found["path"][-1, 1], w.detach())
    error = (found["path"][:, 1] - torch.tensor([1.0, -1.0])).norm(dim=1)
    count = int(found["steps"][1])
    assert (error[count:] <= 0.01 * 2**0.5).all()
    assert error[count - 1] > 0.01 * 2**0.5

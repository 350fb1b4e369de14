"""Pieces of the experiments on length and direction: Monte Carlo, Stein, dense Hessians."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from lecturelib.chapters.length_direction import experiments
from lecturelib.claims import get, run
from lecturelib.data import load_digits

SEEDS = (3, 8)
PROBLEM = experiments.halfspace(SEEDS, inputs=4, condition=10.0)


def test_problems_have_the_spectrum_that_was_asked_for() -> None:
    spectrum = torch.linalg.eigvalsh(PROBLEM.C)
    wanted = torch.logspace(-1, 0, 4, dtype=torch.float64)
    torch.testing.assert_close(spectrum, wanted.expand(2, -1))


@pytest.mark.parametrize("loss", experiments.LOSSES)
def test_an_expected_loss_is_the_mean_over_samples(loss: str) -> None:
    w = torch.tensor([[1.0, -0.5, 0.3, 0.2], [0.1, 0.4, -1.0, 0.6]], dtype=torch.float64)
    z = experiments.sampled_halfspace(PROBLEM, SEEDS, 200_000)
    values = experiments.LOSSES[loss](torch.einsum("snd,sd->sn", z, w))
    exact = experiments.expected_loss(experiments.LOSSES[loss], PROBLEM, w)
    error = 5 * values.std(1) / values.shape[1] ** 0.5
    assert ((values.mean(1) - exact).abs() < error).all()


def test_the_least_squares_loss_is_a_quadratic_in_second_moments() -> None:
    w = torch.randn(2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    exact = experiments.expected_loss(experiments.LOSSES["least squares"], PROBLEM, w)
    quadratic = torch.einsum("si,sij,sj->s", w, PROBLEM.second, w)
    torch.testing.assert_close(exact, 1 + 2 * (PROBLEM.u * w).sum(1) + quadratic)


@pytest.mark.parametrize("loss", experiments.LOSSES)
def test_no_loss_pulls_the_best_direction_aside(loss: str) -> None:
    """At -S⁻¹u the gradient lies along S w, as Stein's lemma says for each loss."""
    w = PROBLEM.best.clone().requires_grad_()
    value = experiments.expected_loss(experiments.LOSSES[loss], PROBLEM, w)
    (gradient,) = torch.autograd.grad(value.sum(), w)
    along = torch.einsum("sij,sj->si", PROBLEM.second, w.detach())
    assert (F.cosine_similarity(gradient, along).abs() > 1 - 1e-10).all() or (
        gradient.norm(dim=1) < 1e-10
    ).all()


def test_the_gap_is_zero_at_the_best_direction_alone() -> None:
    assert experiments.direction_gap(PROBLEM, PROBLEM.best).abs().max() < 1e-12
    aside = PROBLEM.best + 0.3 * torch.tensor([1.0, -1.0, 1.0, -1.0], dtype=torch.float64)
    assert experiments.direction_gap(PROBLEM, aside).min() > 1e-4


def test_a_path_of_batch_norm_is_a_step_of_least_squares_by_hand() -> None:
    """GDNP on least squares: w + (u - a S w)/(L |a|) downhill, up to the length of w."""
    path = experiments.direction_path(PROBLEM, SEEDS, "least squares", steps=1)
    w, u, second = path[0], PROBLEM.u, PROBLEM.second
    sw = torch.einsum("sij,sj->si", second, w)
    a = (u * w).sum(1, keepdim=True) / (w * sw).sum(1, keepdim=True)
    size = (w * sw).sum(1, keepdim=True).sqrt()
    largest = torch.linalg.eigvalsh(second)[:, -1:]
    # In units of wᵀSw = 1; a is negative, so the step goes along -(u - a S w).
    step = -(u - a * sw) / (largest * (a * size).abs())
    torch.testing.assert_close(path[1], F.normalize(w / size + step, dim=1))


def test_steps_that_never_arrive_are_the_limit() -> None:
    options = {"tolerance": 1e-300, "limit": 8}
    assert experiments.normalized_steps(PROBLEM, SEEDS, "logistic", **options).tolist() == [8, 8]
    assert experiments.descent_steps(PROBLEM, SEEDS, "logistic", **options).tolist() == [8, 8]


def test_of_several_rates_the_best_counts() -> None:
    options = {"tolerance": 1e-3, "limit": 400}
    each = [
        experiments.descent_steps(PROBLEM, SEEDS, "least squares", rates=(r,), **options)
        for r in (0.3, 1.0)
    ]
    both = experiments.descent_steps(PROBLEM, SEEDS, "least squares", rates=(0.3, 1.0), **options)
    assert torch.equal(both, torch.minimum(*each))


def test_cross_blocks_are_those_of_the_dense_hessian() -> None:
    sizes = {"width": 6, "depth": 2, "steps": 3, "samples": 64, "lr": 0.05}
    found = experiments.cross_block([5], norm=True, probes=3000, **sizes)

    data = load_digits()
    x, y = data.x_train[:64], data.y_train[:64]
    networks = experiments.NormalizedNetworks([64, 6, 6, 10], [5])
    experiments.fit(networks, x, y, optimizer=experiments.sgd(0.05), steps=3, batch_size=64)

    def loss(*weights: torch.Tensor) -> torch.Tensor:
        values = {f"weights.{i}": w for i, w in enumerate(weights)}
        logits = torch.func.functional_call(networks, values, (x.T[None],))
        return F.cross_entropy(logits, y[None])

    rows = torch.autograd.functional.hessian(loss, tuple(networks.weights))[1]
    square = sum(float(block.square().sum()) for i, block in enumerate(rows) if i != 1)
    assert float(found["hessian"]) == pytest.approx(square**0.5, rel=0.05)


def test_a_network_does_not_depend_on_its_neighbours() -> None:
    sizes = {"width": 8, "depth": 3, "steps": 4, "samples": 32}
    pair = experiments.cross_block([1, 2], norm=True, **sizes)
    alone = experiments.cross_block([2], norm=True, **sizes)
    for name in pair:
        torch.testing.assert_close(pair[name][1:], alone[name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("W12", {"inputs": 4, "samples": 50, "steps": 3}),
        ("W13", {"inputs": 4, "limit": 16}),
        ("W16", {"samples": 50, "shut_steps": 3, "width": 8, "depth": 2, "steps": 3}),
        ("N9", {"inputs": 4, "steps": 3}),
        ("A9", {"width": 8, "deep": 3, "depth": 2, "steps": 2, "samples": 32, "probes": 1}),
    ],
)
def test_the_full_command_runs_at_reduced_size(claim: str, changes: dict[str, object]) -> None:
    result = run(claim, seeds=2, full=True, progress=False, **changes)
    assert set(result.values) == {measure.name for measure in get(claim).measures}
    assert all(len(values) == 2 for values in result.values.values())

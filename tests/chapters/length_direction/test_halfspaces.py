"""Closed gradients and races on halfspaces: automatic differentiation, the theorem, the claims."""

from __future__ import annotations

import pytest
import torch

from lecturelib.chapters.length_direction import experiments, halfspaces

SEEDS = (500, 501, 502)
PROBLEM = experiments.halfspace(SEEDS, inputs=5)
START = halfspaces.start(PROBLEM, SEEDS)


@pytest.mark.parametrize("loss", list(experiments.LOSSES))
def test_gradients_are_those_of_automatic_differentiation(loss: str) -> None:
    w = (0.7 * START).requires_grad_()
    value = experiments.expected_loss(experiments.LOSSES[loss], PROBLEM, w).sum()
    (wanted,) = torch.autograd.grad(value, w)
    found = halfspaces.gradient(PROBLEM, loss, w.detach())
    torch.testing.assert_close(found, wanted, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("loss", list(experiments.LOSSES))
def test_batch_norm_sends_each_loss_along_the_rayleigh_quotient(loss: str) -> None:
    """The theorem of the page: one step with batch norm goes along u − a S w."""
    way = halfspaces.descend(PROBLEM, START, loss, steps=1, normalized=True)[:, 0]
    S = PROBLEM.second
    Sw = halfspaces.apply(S, way[0])
    a = (PROBLEM.u * way[0]).sum(-1, keepdim=True)  # wᵀSw = 1
    angle = halfspaces.angle(way[0] - way[1], PROBLEM.u - a * Sw)
    assert angle.max() < 1e-6


def test_a_step_of_the_race_is_that_of_automatic_differentiation() -> None:
    multiples = (0.5, 3.0)
    way = halfspaces.descend(
        PROBLEM, START, "logistic", multiples=multiples, steps=1, normalized=True
    )
    w = way[0, 0].clone().requires_grad_()
    unit = w / torch.einsum("si,sij,sj->s", w, PROBLEM.second, w).sqrt()[:, None]
    loss = experiments.expected_loss(experiments.LOSSES["logistic"], PROBLEM, unit).sum()
    (g,) = torch.autograd.grad(loss, w)
    largest = torch.linalg.eigvalsh(PROBLEM.second)[:, -1:]
    for i, multiple in enumerate(multiples):
        wanted = w.detach() - multiple / (0.25 * largest) * g
        torch.testing.assert_close(way[1, i], wanted, rtol=1e-8, atol=1e-10)


def test_the_gap_shrinks_as_the_theorem_says_and_as_the_claim_measures_it() -> None:
    way = halfspaces.normalized_descent(PROBLEM, START, steps=80)[:, 0]
    gaps = halfspaces.gap(PROBLEM, way)
    eigenvalues = torch.linalg.eigvalsh(PROBLEM.second)
    factor = (1 - eigenvalues[:, 0] / eigenvalues[:, -1]).square()
    assert (gaps[1:] <= factor * gaps[:-1] + 1e-14).all()
    torch.testing.assert_close(gaps[7], experiments.direction_gap(PROBLEM, way[7]))
    steps = experiments.normalized_steps(PROBLEM, SEEDS, "logistic", tolerance=1e-4, limit=240)
    assert halfspaces.arrivals(gaps, 1e-4, 240).tolist() == steps.tolist()


def test_what_never_arrives_is_said() -> None:
    gaps = torch.tensor([[1.0, 1.0], [0.5, 0.1], [0.2, 0.01]])
    assert halfspaces.arrivals(gaps, 0.1, 9).tolist() == [9, 1]
    assert halfspaces.arrivals(gaps, 0.1).isnan().tolist() == [True, False]


def test_the_sigmoidal_loss_falls_with_the_length() -> None:
    """LBN's table: without a norm no rate arrives, because there is no minimum to arrive at."""
    best = PROBLEM.best / PROBLEM.best.norm(dim=-1, keepdim=True)
    for length in (1.0, 5.0, 20.0):
        slope = (halfspaces.gradient(PROBLEM, "sigmoidal", length * best) * best).sum(-1)
        assert (slope < 0).all()


def test_tuned_descent_on_the_direction_is_faster_than_tuned_descent() -> None:
    """The erratum on the table: each at the best of its rates, on twenty other problems."""
    seeds = range(510, 530)
    problem = experiments.halfspace(seeds)
    w, rates = halfspaces.start(problem, seeds), (1.5, 1.8, 1.9, 1.95)
    ways = (
        halfspaces.normalized_descent(problem, w, multiples=rates, steps=300),
        halfspaces.descend(problem, w, "least squares", multiples=rates, steps=300),
    )
    gdnp, plain = (halfspaces.arrivals(halfspaces.gap(problem, way), 1e-6, 301) for way in ways)
    assert gdnp.median(1).values.min() < plain.median(1).values.min()
    own = halfspaces.arrivals(
        halfspaces.gap(problem, halfspaces.normalized_descent(problem, w, steps=300)), 1e-6, 301
    )
    assert plain.median(1).values.min() < own.median()


def test_a_best_direction_is_found() -> None:
    u, S = PROBLEM.u[0], PROBLEM.second[0]
    found = halfspaces.best_direction(lambda w: u @ w, PROBLEM.best[0] + 0.2, S)
    assert halfspaces.angle(found, PROBLEM.best[0]) < 1e-4


def test_angles_are_exact_near_zero() -> None:
    a = torch.tensor([1.0, 0.0], dtype=torch.float64)
    b = torch.tensor([1.0, 1e-9], dtype=torch.float64)
    assert halfspaces.angle(a, b).item() == pytest.approx(torch.rad2deg(torch.tensor(1e-9)).item())
    assert halfspaces.angle(a, -a).item() == pytest.approx(180)

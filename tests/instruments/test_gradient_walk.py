"""Walks along the gradient. Oracles: quadratics in closed form, a loop over copies, one by one."""

from __future__ import annotations

import pytest
import torch

from lecturelib.instruments import (
    effective_smoothness,
    gradient_predictiveness,
    gradient_walk,
    loss_line,
    loss_variation,
)

from .networks import cross_entropy, data, network, unchanged

STEPS = [0.1, 0.5, 2.0]


def quadratic(rng):
    """½ wᵀ A w with a random A of both signs, and its parts."""
    root = torch.randn(5, 5, generator=rng, dtype=torch.float64)
    A = root + root.T
    w = torch.randn(5, generator=rng, dtype=torch.float64, requires_grad=True)
    return (lambda: w @ A @ w / 2), A, w


@pytest.mark.parametrize("equal_length", [False, True])
def test_a_quadratic_has_closed_forms(rng, equal_length):
    loss, A, w = quadratic(rng)
    g = (A @ w).detach()
    d = g / g.norm() if equal_length else g
    walk = gradient_walk(loss, [w], steps=STEPS, equal_length=equal_length)
    for i, eta in enumerate(STEPS):
        torch.testing.assert_close(walk.distances[i], eta * d.norm())
        v = w.detach() - eta * d
        torch.testing.assert_close(walk.losses[i], v @ A @ v / 2)
        torch.testing.assert_close(walk.gradient_changes[i], eta * (A @ d).norm())
    # Whatever the step, a quadratic turns its gradient by ‖A g‖ / ‖g‖ per distance.
    beta = effective_smoothness(loss, [w], steps=STEPS, equal_length=equal_length)
    torch.testing.assert_close(beta, (A @ g).norm() / g.norm())
    assert beta <= torch.linalg.matrix_norm(A, 2)


@pytest.mark.parametrize("norm", [None, "batch", "layer"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_losses_are_those_of_a_line_along_the_gradient(rng, norm, dtype):
    x, y = data(rng, dtype=dtype)
    model = network(rng, norm, dtype)
    loss = cross_entropy(model, x, y)
    g = torch.autograd.grad(loss(), list(model.parameters()))
    with unchanged(model):
        walk = gradient_walk(loss, model.parameters(), steps=STEPS)
    line = loss_line(model, loss, direction=g, steps=[-eta for eta in STEPS])
    torch.testing.assert_close(walk.losses, line)


def test_each_measure_reduces_the_walk(rng):
    x, y = data(rng)
    model = network(rng, "batch")
    loss = cross_entropy(model, x, y)
    for equal_length in (False, True):
        options = {"steps": STEPS, "equal_length": equal_length}
        with unchanged(model):
            walk = gradient_walk(loss, model.parameters(), **options)
            variation = loss_variation(loss, model.parameters(), **options)
            changes = gradient_predictiveness(loss, model.parameters(), **options)
            beta = effective_smoothness(loss, model.parameters(), **options)
        assert variation == max(walk.losses) - min(walk.losses)
        assert torch.equal(changes, walk.gradient_changes)
        assert beta == max(walk.gradient_changes / walk.distances)


def test_networks_side_by_side_are_as_alone(rng):
    weights = torch.randn(3, 5, 4, generator=rng, dtype=torch.float64, requires_grad=True)
    shifts = torch.randn(3, 5, generator=rng, dtype=torch.float64, requires_grad=True)
    x, _ = data(rng)

    def losses(w, b):
        return torch.tanh(w @ x.T + b[..., None]).square().mean((-2, -1))

    together = gradient_walk(
        lambda: losses(weights, shifts), [weights, shifts], steps=STEPS, equal_length=True
    )
    for s in range(3):
        w, b = (t.detach()[s].clone().requires_grad_() for t in (weights, shifts))
        alone = gradient_walk(lambda w=w, b=b: losses(w, b), [w, b], steps=STEPS, equal_length=True)
        for joint, single in zip(together, alone, strict=True):
            torch.testing.assert_close(joint[:, s], single)


def test_dropout_draws_the_same_at_each_step(rng):
    x, y = data(rng)
    model = network(rng, dropout=0.5)
    with unchanged(model):
        walk = gradient_walk(cross_entropy(model, x, y), model.parameters(), steps=[0.0, 0.0])
    assert not walk.gradient_changes.any()


def test_a_loss_that_explodes_on_the_way_is_reported():
    w = torch.tensor([1.0], requires_grad=True)
    walk = gradient_walk(lambda: -torch.exp(w.square()).sum(), [w], steps=[100.0])
    assert walk.losses.tolist() == [-float("inf")]
    assert w.item() == 1


@pytest.mark.parametrize(
    ("steps", "message"),
    [([], "vector"), ([float("nan")], "finite"), ([[1.0]], "vector")],
)
def test_steps_are_checked(rng, steps, message):
    loss, _, w = quadratic(rng)
    with pytest.raises(ValueError, match=f"gradient_walk: steps must be .*{message}"):
        gradient_walk(loss, [w], steps=steps)


def test_errors_name_what_is_wanted(rng):
    loss, _, w = quadratic(rng)
    with pytest.raises(ValueError, match="no step may be 0"):
        effective_smoothness(loss, [w], steps=[0.0])
    with pytest.raises(ValueError, match="none of the 1 parameters wants a gradient"):
        gradient_walk(loss, [w.detach()], steps=STEPS)
    with pytest.raises(ValueError, match="the loss is nan; it must be finite"):
        gradient_walk(lambda: loss() * float("nan"), [w], steps=STEPS)
    with pytest.raises(ValueError, match="does not depend on the parameters"):
        gradient_walk(lambda: torch.zeros(()), [w], steps=STEPS)
    with pytest.raises(ValueError, match=r"one number, or one a network, got shape \(2, 2\)"):
        gradient_walk(lambda: loss().expand(2, 2), [w], steps=STEPS)
    with pytest.raises(ValueError, match="for 2 losses each parameter must begin with an axis of"):
        gradient_walk(lambda: loss().expand(2), [w], steps=STEPS)
    with pytest.raises(TypeError, match=r"loss\(\) must return a tensor, got float"):
        gradient_walk(lambda: 1.0, [w], steps=STEPS)
    with pytest.raises(ValueError, match="share dtype and device"):
        gradient_walk(loss, [w, torch.zeros(1, requires_grad=True)], steps=STEPS)

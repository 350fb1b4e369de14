"""Proximal steps against PyTorch, their definition, and scikit-learn's lasso and ridge."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from sklearn.linear_model import Lasso, Ridge, lasso_path
from torch import nn

from lecturelib.regularizers import (
    project_to_ball,
    prox_l1,
    prox_l2,
    proximal_step_,
    soft_threshold,
)

STEPS = {"soft_threshold": soft_threshold, "prox_l1": prox_l1, "prox_l2": prox_l2}
steps = pytest.mark.parametrize("name", STEPS)


def randn(*shape, dtype=torch.float64, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0, 7.0])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_soft_threshold_is_pytorch_s(threshold, dtype):
    x = torch.cat([randn(200), torch.tensor([0.0, 1.0, -1.0, 0.5, math.inf, -math.inf])])
    results = []
    for f in (soft_threshold, prox_l1, F.softshrink):
        leaf = x.to(dtype).requires_grad_()
        y = f(leaf, threshold)
        results.append((y.detach(), *torch.autograd.grad(y, leaf, torch.ones_like(y))))
    for ours in results[:2]:
        for a, b in zip(ours, results[2], strict=True):
            assert a.dtype == dtype
            torch.testing.assert_close(a[:-2], b[:-2], rtol=0, atol=0)
    assert torch.equal(results[0][0][-2:], x[-2:].to(dtype))


@pytest.mark.parametrize(("prox", "penalty"), [(prox_l1, abs), (prox_l2, lambda z: z * z)])
@pytest.mark.parametrize("strength", [0.0, 0.3, 2.0])
def test_is_the_minimum_that_it_says(prox, penalty, strength):
    for x in (-3.0, -0.2, 0.0, 1.5):
        found = prox(torch.tensor(x, dtype=torch.float64), strength).item()
        best = minimize_scalar(
            lambda z, x=x: 0.5 * (z - x) ** 2 + strength * penalty(z), bracket=(-4, 4), tol=1e-12
        ).x
        assert found == pytest.approx(best, abs=1e-6)


@steps
def test_a_strength_for_each_value(name):
    f, x = STEPS[name], randn(3, 4)
    for t in (randn(4, seed=1).abs(), randn(3, 1, seed=1).abs(), torch.tensor(0.4).double()):
        expected = [f(a, b.item()) for a, b in zip(x.flatten(), t.expand(3, 4).flatten())]  # noqa: B905
        torch.testing.assert_close(f(x, t), torch.stack(expected).view(3, 4))


@steps
def test_gradients(name):
    x, t = randn(5).requires_grad_(), randn(5, seed=1).abs().requires_grad_()
    assert torch.autograd.gradcheck(STEPS[name], (x, t))


@steps
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("autocast", [False, True])
def test_half_precision_and_empty_tensors(name, dtype, autocast):
    f, x = STEPS[name], randn(50).to(dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        assert torch.equal(f(x, 0.3), f(x.float(), 0.3).to(dtype))
    assert f(torch.zeros(0, 2), 1.0).shape == (0, 2)


@steps
def test_errors(name):
    f, x = STEPS[name], torch.ones(2, 3)
    argument = "threshold" if name == "soft_threshold" else "strength"
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"^{name}: {argument} must be at least 0 and finite"):
            f(x, bad)
        with pytest.raises(ValueError, match=f"^{name}: {argument} must be .* finite everywhere"):
            f(x, torch.tensor([1.0, bad, 1.0]))
    with pytest.raises(ValueError, match=rf"^{name}: {argument} must broadcast .* got \(2,\)"):
        f(x, torch.ones(2))
    with pytest.raises(ValueError, match=rf"^{name}: {argument} must broadcast"):
        f(x, torch.ones(1, 2, 3))
    with pytest.raises(ValueError, match=f"^{name}: {argument} must be on cpu like input"):
        f(x, torch.ones(3, device="meta"))
    with pytest.raises(TypeError, match=f"^{name}: {argument} must be floating point"):
        f(x, torch.ones(3).int())
    with pytest.raises(TypeError, match=f"^{name}: input has to be floating point"):
        f(x.int(), 1.0)


def problem():
    """A linear regression with three of eight weights that matter."""
    X = randn(40, 8)
    w = torch.tensor([3.0, -2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    return X, X @ w + 0.5 * randn(40, seed=1)


def descend(X, y, prox, steps=2000):
    """Gradient steps on |Xw - y|²/(2N), of the length 1/L, each followed by prox(w, length)."""
    n = len(X)
    lr = n / torch.linalg.matrix_norm(X, 2).item() ** 2
    w = torch.zeros(X.shape[1], dtype=X.dtype, requires_grad=True)
    sgd = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        sgd.zero_grad()
        ((X @ w - y).square().sum() / (2 * n)).backward()
        sgd.step()
        proximal_step_([w], lambda w: prox(w, lr))
    return w.detach()


def test_lasso_path_is_scikit_learn_s():
    X, y = problem()
    alphas = [2.0, 0.5, 0.1, 0.01]
    _, path, _ = lasso_path(X.numpy(), y.numpy(), alphas=alphas, tol=1e-12, max_iter=100_000)
    for alpha, expected in zip(alphas, path.T, strict=True):
        w = descend(X, y, lambda w, lr, alpha=alpha: prox_l1(w, lr * alpha))
        np.testing.assert_allclose(w, expected, atol=1e-8)
        assert ((w == 0).numpy() == (expected == 0)).all()


def test_ridge_path_is_scikit_learn_s():
    """Its objective |Xw - y|² + α|w|² is 2N times ours, so that λ = α/(2N)."""
    X, y = problem()
    for alpha in (100.0, 1.0, 0.01):
        strength = alpha / (2 * len(X))
        w = descend(X, y, lambda w, lr, s=strength: prox_l2(w, lr * s))
        expected = (
            Ridge(alpha=alpha, fit_intercept=False, tol=1e-12).fit(X.numpy(), y.numpy()).coef_
        )
        np.testing.assert_allclose(w, expected, atol=1e-8)
        assert (w != 0).all()


@pytest.mark.parametrize("p", [1, 2])
def test_penalty_and_ball_have_the_same_solution(p):
    """Duality: the ball's radius is the norm that the penalty leaves."""
    X, y = problem()
    model = Lasso(alpha=0.3, tol=1e-12) if p == 1 else Ridge(alpha=20.0, tol=1e-12)
    expected = model.set_params(fit_intercept=False).fit(X.numpy(), y.numpy()).coef_
    radius = np.linalg.norm(expected, p)
    w = descend(X, y, lambda w, _: project_to_ball(w, radius, p=p))
    np.testing.assert_allclose(w, expected, atol=1e-7)


def test_step_moves_a_model_in_place_and_tied_weights_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    weight = model[0].weight
    proximal_step_([*model[0].parameters(), *model[1].parameters()], lambda w: prox_l2(w, 0.5))
    assert model[0].weight is weight
    for name, p in model.named_parameters():
        torch.testing.assert_close(p.detach(), before[name] / 2)


def test_step_errors_leave_all_parameters_as_they_were():
    w = [torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)]
    with pytest.raises(ValueError, match=r"^proximal_step_: prox must keep the shape \(2,\), got"):
        proximal_step_(w, torch.sum)
    with pytest.raises(TypeError, match=r"^proximal_step_: prox must keep the dtype"):
        proximal_step_(w, lambda w: w.double() if len(w) == 3 else 0 * w)
    assert torch.equal(w[0], torch.ones(2))
    with pytest.raises(TypeError, match=r"^proximal_step_: parameters has to be floating point"):
        proximal_step_(torch.ones(2).int(), torch.abs)
    with pytest.raises(ValueError, match=r"^proximal_step_: this tensor was computed from others"):
        proximal_step_([2 * w[0]], torch.abs)

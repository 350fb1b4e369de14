"""Gradient descent against closed forms: powers on quadratics, suprema known by calculus."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from lecturelib.gradient_descent import (
    descent_lemma,
    gradient_descent,
    lipschitz_constants,
)


@given(
    start=st.floats(-10, 10), lam=st.floats(0.1, 10), c=st.floats(0.01, 1.99), n=st.integers(0, 30)
)
@settings(deadline=None)
def test_a_quadratic_shrinks_by_a_power(start, lam, c, n):
    theta = torch.tensor(start, dtype=torch.float64)
    path = gradient_descent(lambda theta, t: lam * theta, theta, lr=c / lam, steps=n)
    expected = start * (1 - c) ** torch.arange(n + 1, dtype=torch.float64)
    torch.testing.assert_close(path, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("c", "converges"), [(1.99, True), (2.01, False)])
def test_the_bound_of_the_learning_rate_is_two_over_the_largest_eigenvalue(c, converges):
    A = torch.randn(20, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    H = A.T @ A / 20
    lr = c / torch.linalg.eigvalsh(H)[-1].item()
    path = gradient_descent(lambda theta, t: H @ theta, torch.ones_like(H[0]), lr=lr, steps=3000)
    assert (path[-1].norm() < 1e-9) if converges else (path[-1].norm() > 1e9)


def test_minibatches_by_step_and_a_learning_rate_by_step_give_the_running_mean():
    """With 1/(t+1) the iterate is the mean of the samples so far, exactly."""
    y = torch.randn(40, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    path = gradient_descent(
        lambda theta, t: theta - y[t], torch.zeros_like(y[0]), lr=lambda t: 1 / (t + 1), steps=40
    )
    torch.testing.assert_close(path[-1], y.mean(0))
    assert path.shape == (41, 7)


def test_no_graph_is_kept():
    w = torch.ones(2, requires_grad=True)
    path = gradient_descent(lambda theta, t: w * theta, w, lr=0.1, steps=2)
    assert not path.requires_grad


@pytest.mark.parametrize(
    ("gradient", "steps", "message"),
    [
        (lambda theta, t: theta, -1, "steps must be at least 0, got -1"),
        (lambda theta, t: theta.sum(), 2, r"step 0 has shape \(\), theta has \(3,\)"),
    ],
)
def test_gradient_descent_names_bad_arguments(gradient, steps, message):
    with pytest.raises(ValueError, match=message):
        gradient_descent(gradient, torch.ones(3), lr=0.1, steps=steps)


def lecture_function(x):
    return torch.sin(x) * torch.cos(4 * x)


def test_constants_of_the_lecture_s_function():
    """The slide says that the supremum of the slope is 4."""
    K = lipschitz_constants(lecture_function, -math.pi, math.pi)

    def slope(x):
        return -abs(math.cos(x) * math.cos(4 * x) - 4 * math.sin(x) * math.sin(4 * x))

    peaks = [
        optimize.minimize_scalar(slope, bounds=(a / 10, (a + 1) / 10), method="bounded").fun
        for a in range(-32, 32)
    ]
    assert K.function == pytest.approx(-min(peaks), rel=1e-8)
    assert round(K.function, 4) == 3.7611
    assert K.gradient == pytest.approx(17, rel=1e-12)  # at ±π/2
    assert abs(K.at[1]) == pytest.approx(math.pi / 2, abs=1e-6)
    assert K.largest_lr == pytest.approx(2 / 17)


@pytest.mark.parametrize(
    ("f", "low", "high", "expected"),
    [
        (lambda x: x**2, -1, 2, (4, 2)),
        (torch.sin, -10, 10, (1, 1)),
        (torch.tanh, -5, 5, (1, 4 / (3 * math.sqrt(3)))),
        (torch.nn.functional.softplus, -20, 20, (1, 0.25)),
        (torch.exp, 0, 1, (math.e, math.e)),
        (lambda x: 3 * x + 1, -1, 1, (3, 0)),
        (lambda x: torch.ones_like(x), -1, 1, (0, 0)),
        (lambda x: torch.sigmoid(50 * (x - 0.123)), 0, 1, (12.5, 2500 / (6 * math.sqrt(3)))),
    ],
)
def test_constants_known_by_calculus(f, low, high, expected):
    K = lipschitz_constants(f, low, high)
    assert (K.function, K.gradient) == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_a_linear_function_bears_any_learning_rate():
    assert lipschitz_constants(lambda x: 3 * x, -1, 1).largest_lr == math.inf


@given(a=st.floats(-3, 3), b=st.floats(-3, 3), x=st.floats(-3, 3), y=st.floats(-3, 3))
@settings(max_examples=30, deadline=None)
def test_constants_bound_difference_quotients(a, b, x, y):
    def f(x):
        return torch.sin(a * x) + b * torch.cos(x)

    K = lipschitz_constants(f, -3, 3, points=501)
    x, y = (torch.tensor(v, dtype=torch.float64) for v in (x, y))
    assert abs(f(x) - f(y)) <= K.function * abs(x - y) * (1 + 1e-6) + 1e-12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.sin, 1, 1), "low < high"),
        ((torch.sin, 0, math.inf), "low < high"),
        ((torch.sqrt, 0, 1), r"derivative 1 is not finite on \[0, 1\]"),
    ],
)
def test_lipschitz_constants_names_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=rf"^lipschitz_constants: .*{message}"):
        lipschitz_constants(*arguments)


def test_lipschitz_constants_wants_points():
    with pytest.raises(ValueError, match=r"at least 3 points, got .*points=2"):
        lipschitz_constants(torch.sin, 0, 1, points=2)


@pytest.mark.parametrize("c", [0.5, 1.0, 1.99])
def test_descent_lemma_holds_for_logistic_regression(c):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(100, 5, generator=generator, dtype=torch.float64)
    y = (torch.rand(100, generator=generator) < 0.5).double()
    K = torch.linalg.eigvalsh(X.T @ X / 100)[-1].item() / 4  # σ' ≤ 1/4

    def loss(theta):
        return torch.nn.functional.binary_cross_entropy_with_logits(X @ theta, y)

    for _ in range(200):
        theta = 5 * torch.randn(5, generator=generator, dtype=torch.float64)
        before, after, bound = descent_lemma(loss, theta, lr=c / K, K=K)
        assert after <= bound + 1e-12
        assert bound < before
        assert before == pytest.approx(loss(theta).item())


def test_the_constant_of_the_function_is_no_bound():
    """2/K with K = 3.7611 of f itself goes uphill from some points; with 17 it never does."""
    theta = torch.linspace(-3, 3, 601, dtype=torch.float64)
    K = lipschitz_constants(lecture_function, -10, 10)
    wrong = [descent_lemma(lecture_function, x, lr=1.9 / K.function, K=K.gradient) for x in theta]
    right = [descent_lemma(lecture_function, x, lr=1.9 / K.gradient, K=K.gradient) for x in theta]
    assert sum(step.after > step.before for step in wrong) > 60
    assert all(step.after <= step.bound + 1e-12 for step in right)
    assert all(step.after <= step.before for step in right)


def test_descent_lemma_is_sharp_on_a_quadratic_and_leaves_theta_alone():
    theta = torch.tensor([3.0, -4.0], dtype=torch.float64)
    step = descent_lemma(lambda t: t.square().sum(), theta, lr=0.3, K=2.0)
    assert step.after == pytest.approx(step.bound)
    assert theta.tolist() == [3.0, -4.0]
    assert not theta.requires_grad


@pytest.mark.parametrize(
    ("f", "options"),
    [
        (torch.sum, {"lr": 0.0, "K": 1.0}),
        (torch.sum, {"lr": 0.1, "K": -1.0}),
        (torch.sum, {"lr": 0.1, "K": math.inf}),
        (torch.square, {"lr": 0.1, "K": 1.0}),
    ],
)
def test_descent_lemma_names_bad_arguments(f, options):
    with pytest.raises(ValueError, match=r"^descent_lemma: "):
        descent_lemma(f, torch.ones(2), **options)

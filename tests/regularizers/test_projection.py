"""project_to_ball against SciPy's solver, torch.renorm, bisection, and the definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import brentq, minimize

from lecturelib.regularizers import project_to_ball

ORDERS = (1, 2, math.inf)
orders = pytest.mark.parametrize("p", ORDERS)
vectors = hnp.arrays(
    np.float64, st.integers(1, 8), elements=st.integers(-40, 40).map(lambda k: k / 8)
)
radii = st.integers(1, 40).map(lambda k: k / 8)


def randn(*shape, dtype=torch.float64, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@given(x=vectors, radius=radii)
@orders
def test_no_point_of_the_ball_is_nearer(p, x, radius):
    """Π(x) is the projection exactly if (x − Π)·(z − Π) ≤ 0 for all z of the ball.

    The left side is largest where z·(x − Π) is, at r times the dual norm of x − Π.
    """
    x = torch.from_numpy(x)
    z = project_to_ball(x, radius, p=p)
    dual = {1: math.inf, 2: 2, math.inf: 1}[p]
    assert torch.linalg.vector_norm(z, p) <= radius * (1 + 1e-12)
    support = radius * torch.linalg.vector_norm(x - z, dual)
    assert support - (x - z) @ z <= 1e-10


@orders
def test_scipy_s_solver_finds_the_same(p):
    x, radius = randn(5) * 3, 2.0

    def ball(z):
        """Smooth constraints: for p = 1 in z = a − b with a, b ≥ 0."""
        return radius - (z.sum() if p == 1 else np.linalg.norm(z, p))

    if p == 1:
        found = minimize(
            lambda ab: 0.5 * ((ab[:5] - ab[5:] - x.numpy()) ** 2).sum(),
            np.full(10, 0.1),
            method="SLSQP",
            bounds=[(0, None)] * 10,
            constraints={"type": "ineq", "fun": ball},
            options={"ftol": 1e-14, "maxiter": 500},
        ).x
        found = found[:5] - found[5:]
    elif p == 2:
        found = minimize(
            lambda z: 0.5 * ((z - x.numpy()) ** 2).sum(),
            np.full(5, 0.1),
            method="SLSQP",
            constraints={"type": "ineq", "fun": ball},
            options={"ftol": 1e-14},
        ).x
    else:
        found = minimize(
            lambda z: 0.5 * ((z - x.numpy()) ** 2).sum(),
            np.zeros(5),
            bounds=[(-radius, radius)] * 5,
        ).x
    torch.testing.assert_close(
        project_to_ball(x, radius, p=p), torch.from_numpy(found), rtol=1e-4, atol=1e-5
    )


@given(x=vectors, radius=radii)
def test_l1_threshold_by_bisection(x, radius):
    if np.abs(x).sum() <= radius:
        return
    excess = lambda t: np.maximum(np.abs(x) - t, 0).sum() - radius  # noqa: E731
    tau = brentq(excess, 0, np.abs(x).max(), xtol=1e-14)
    expected = np.sign(x) * np.maximum(np.abs(x) - tau, 0)
    found = project_to_ball(torch.from_numpy(x), radius, p=1)
    np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize("dim", [0, 1])
def test_slices_in_l2_are_torch_renorm(dim):
    x = randn(4, 6)
    torch.testing.assert_close(
        project_to_ball(x, 1.5, dim=1 - dim), torch.renorm(x, 2, dim, 1.5), rtol=1e-6, atol=0
    )


@orders
@pytest.mark.parametrize("dim", [0, -1, (0, 2), (-1, 0), (1, 2), (0, 1, 2), None])
def test_each_slice_is_projected_by_itself(p, dim):
    x = 2 * randn(3, 4, 5)
    z = project_to_ball(x, 1.5, p=p, dim=dim)
    dims = range(3) if dim is None else [dim] if isinstance(dim, int) else dim
    kept = [d for d in range(3) if d not in [d % 3 for d in dims]]
    for place in np.ndindex(*[x.shape[d] for d in kept]):
        index = [slice(None)] * 3
        for d, i in zip(kept, place, strict=True):
            index[d] = i
        torch.testing.assert_close(z[tuple(index)], project_to_ball(x[tuple(index)], 1.5, p=p))


@orders
def test_a_point_of_the_ball_stays_as_it_is(p):
    x = randn(50, dtype=torch.float32)
    radius = 1.001 * torch.linalg.vector_norm(x, p).item()
    assert torch.equal(project_to_ball(x, radius, p=p), x)


@orders
def test_twice_is_once(p):
    x = 3 * randn(20)
    once = project_to_ball(x, 2.0, p=p)
    torch.testing.assert_close(project_to_ball(once, 2.0, p=p), once)


@orders
def test_gradient(p):
    x = (3 * randn(4, 5)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: project_to_ball(x, 1.5, p=p, dim=1), x)
    zero = torch.zeros(3, requires_grad=True)
    project_to_ball(zero, 1.0, p=p).sum().backward()
    assert torch.equal(zero.grad, torch.ones(3))


@orders
def test_radius_zero_empty_and_scalar(p):
    x = randn(3)
    assert torch.equal(project_to_ball(x, 0, p=p), torch.zeros(3, dtype=torch.float64))
    assert project_to_ball(torch.zeros(0, 3), 1, p=p, dim=0).shape == (0, 3)
    assert project_to_ball(torch.tensor(-3.0), 2, p=p).item() == -2
    assert torch.equal(project_to_ball(torch.zeros(3), 2, p=p), torch.zeros(3))


@orders
@pytest.mark.parametrize("scale", [1e-37, 1e-25, 1.0, 1e25, 1e37])
def test_all_sizes(p, scale):
    x = randn(40, dtype=torch.float32) * scale
    for radius in (0.3 * scale, 5.0 * scale):
        found = project_to_ball(x, radius, p=p)
        expected = project_to_ball(x.double(), radius, p=p)
        assert (found - expected).abs().max() <= 2e-6 * scale


def test_a_radius_that_is_lost_beside_the_largest_entry():
    x = torch.tensor([1e20, 1.0], dtype=torch.float64)
    assert torch.linalg.vector_norm(project_to_ball(x, 1.0, p=1), 1) <= 1


@orders
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("autocast", [False, True])
def test_half_precision_is_computed_in_float32(p, dtype, autocast):
    x = (400 * randn(300)).to(dtype)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        found = project_to_ball(x, 500.0, p=p)
    assert torch.equal(found, project_to_ball(x.float(), 500.0, p=p).to(dtype))


def test_a_long_vector_in_float32():
    x = randn(1_000_000, dtype=torch.float32)
    found = project_to_ball(x, 100.0, p=1)
    assert abs(found.double().abs().sum() - 100) < 0.01


def test_errors():
    x = torch.ones(2)
    with pytest.raises(ValueError, match=r"^project_to_ball: p must be 1, 2 or infinity, got 3"):
        project_to_ball(x, 1.0, p=3)
    for radius in (-1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match=r"^project_to_ball: radius must be at least 0 and f"):
            project_to_ball(x, radius)
    with pytest.raises(TypeError, match=r"^project_to_ball: input has to be floating point"):
        project_to_ball(x.long(), 1.0)
    for dim in (1, -2, (0, 0), (0, -1), ()):
        with pytest.raises(ValueError, match=r"^project_to_ball: dim must be dimensions of the i"):
            project_to_ball(x, 1.0, dim=dim)

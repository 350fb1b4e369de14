"""lp_norm and LpNorm against NumPy's norms, numerical gradients and the definition by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.experiments.networks import normalize
from lecturelib.normalization import LpNorm, lp_norm

P = [1.0, 2.0, 3.0, math.inf]


def by_numpy(x, p, eps):
    """The definition on (m, C) with NumPy's norm."""
    m = len(x)
    sizes = np.array([np.linalg.norm(column, p) for column in x.T])
    sizes = sizes if p == math.inf else sizes / m ** (1 / p)
    return (x - x.mean(0)) / (sizes + eps)


@pytest.mark.parametrize("p", P)
@pytest.mark.parametrize("shape", [(7, 3), (4, 3, 5), (2, 3, 2, 4)])
def test_equals_the_definition_in_numpy(shape, p, rng):
    x = 1 + torch.randn(shape, generator=rng, dtype=torch.float64)
    weight, bias = torch.randn(2, 3, generator=rng, dtype=torch.float64)
    rows = x.movedim(1, -1).reshape(-1, 3)
    expected = weight * torch.from_numpy(by_numpy(rows.numpy(), p, 0.1)) + bias
    ours = lp_norm(x, p, weight, bias, eps=0.1).movedim(1, -1).reshape(-1, 3)
    torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize(("p", "name"), [(1.0, "l1"), (2.0, "l2"), (math.inf, "linf")])
def test_equals_the_norm_that_the_claims_are_tested_with(p, name, rng):
    x = torch.randn(20, 4, generator=rng)
    torch.testing.assert_close(lp_norm(x, p), normalize(x.T[None], name)[0].T)


@pytest.mark.parametrize("p", P)
def test_numerical_gradients_to_second_order(p, rng):
    leaves = tuple(
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_()
        for s in ((6, 2), (2,), (2,))
    )

    def f(x, weight, bias):
        return lp_norm(x, p, weight, bias)

    assert torch.autograd.gradcheck(f, leaves)
    assert torch.autograd.gradgradcheck(f, leaves)


def test_a_dead_channel_has_finite_gradients():
    for p in P:
        x = torch.zeros(4, 1, requires_grad=True)
        lp_norm(x, p).backward(torch.randn(4, 1, generator=torch.Generator().manual_seed(0)))
        assert x.grad.isfinite().all()


@given(st.sampled_from(P), st.floats(1e-2, 1e2), st.integers(0, 10**6))
def test_invariant_to_scale_but_not_to_shift(p, c, seed):
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(lp_norm(c * x, p, eps=0), lp_norm(x, p, eps=0))
    assert not torch.allclose(lp_norm(x + 5, p, eps=0), lp_norm(x, p, eps=0))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_float32(dtype, rng):
    x = torch.randn(64, 4, generator=rng).to(dtype)
    for p in P:
        assert torch.equal(lp_norm(x, p), lp_norm(x.float(), p).to(dtype))


@pytest.mark.parametrize("p", P)
def test_module_keeps_running_statistics_for_inference(p, rng):
    norm = LpNorm(3, p, momentum=0.25, eps=0.0, dtype=torch.float64)
    mean, size = np.zeros(3), np.ones(3)
    for _ in range(3):
        x = 1 + torch.randn(8, 3, generator=rng, dtype=torch.float64)
        torch.testing.assert_close(norm(x), torch.from_numpy(by_numpy(x.numpy(), p, 0.0)))
        new = (x / lp_norm(x, p, eps=0) * (1 - x.mean(0) / x))[0]  # s from y = (x - μ) / s
        mean += 0.25 * (x.mean(0).numpy() - mean)
        size += 0.25 * (new.numpy() - size)
    torch.testing.assert_close(norm.running_mean, torch.from_numpy(mean))
    torch.testing.assert_close(norm.running_size, torch.from_numpy(size))
    one = torch.randn(1, 3, generator=rng, dtype=torch.float64)
    expected = (one - torch.from_numpy(mean)) / torch.from_numpy(size)
    torch.testing.assert_close(norm.eval()(one), expected)


def test_module_options(rng):
    x = torch.randn(8, 3, generator=rng)
    bare = LpNorm(3, affine=False, track_running_stats=False)
    assert not bare.state_dict()
    assert torch.equal(bare(x), bare.eval()(x))
    norm = LpNorm(3)
    fresh = {name: value.clone() for name, value in norm.state_dict().items()}
    norm(x)
    assert not torch.equal(norm.running_mean, fresh["running_mean"])
    norm.reset_parameters()
    for name, value in norm.state_dict().items():
        assert torch.equal(value, fresh[name])
    assert repr(norm).startswith("LpNorm(3, p=2.0, eps=1e-05, momentum=0.1")


X, ONE = torch.zeros(2, 4), torch.ones(4)
NAN = float("nan")
ERRORS = {
    "integers": (TypeError, "floating point, got torch.int64", lambda: lp_norm(X.long())),
    "shape": (ValueError, r"shape \(N, C, ...\), got \(4,\)", lambda: lp_norm(ONE)),
    "p": (ValueError, "p must be at least 1.*got 0.5", lambda: lp_norm(X, 0.5)),
    "nan p": (ValueError, "p must be at least 1.*got nan", lambda: lp_norm(X, NAN)),
    "eps": (ValueError, "eps must be at least 0", lambda: lp_norm(X, eps=-1.0)),
    "momentum": (ValueError, "momentum must lie in", lambda: lp_norm(X, momentum=2.0)),
    "one value": (ValueError, "more than 1 value per channel", lambda: lp_norm(X[:1])),
    "empty": (ValueError, "more than 1 value per channel", lambda: lp_norm(X[:0])),
    "statistics": (ValueError, "inference needs", lambda: lp_norm(X, training=False)),
    "weight": (ValueError, r"weight must have shape \(4,\)", lambda: lp_norm(X, 2.0, ONE[:2])),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, call = ERRORS[case]
    with pytest.raises(error, match=f"^lp_norm: .*{message}"):
        call()


MODULE_ERRORS = {
    "features": (lambda: LpNorm(0), "num_features must be at least 1, got 0"),
    "p": (lambda: LpNorm(2, NAN), "p must be at least 1.*got nan"),
    "eps": (lambda: LpNorm(2, eps=NAN), "eps must be at least 0, got nan"),
    "momentum": (lambda: LpNorm(2, momentum=NAN), "momentum must lie in"),
    "channels": (lambda: LpNorm(2)(X), "expected 2 channels"),
}


@pytest.mark.parametrize("case", MODULE_ERRORS)
def test_module_errors(case):
    call, message = MODULE_ERRORS[case]
    with pytest.raises(ValueError, match=f"^LpNorm: {message}"):
        call()

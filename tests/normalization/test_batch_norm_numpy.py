"""The NumPy forward and backward passes against PyTorch's autograd, and against each other."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.normalization import (
    batch_norm_backward_chain_numpy,
    batch_norm_backward_numpy,
    batch_norm_forward_numpy,
)

sizes = st.tuples(st.integers(2, 9), st.integers(1, 4), st.integers(0, 10**6))


def arrays(m, c, seed):
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(2, 3, (2, m, c))
    gamma, beta = rng.normal(1, 1, (2, c))
    return x, gamma, beta, dy


@given(sizes)
def test_forward_equals_torch(size):
    x, gamma, beta, _ = arrays(*size)
    y, cache = batch_norm_forward_numpy(x, gamma, beta, eps=1e-3)
    tensors = map(torch.from_numpy, (gamma, beta))
    expected = torch.nn.functional.batch_norm(
        torch.from_numpy(x), None, None, *tensors, training=True, eps=1e-3
    )
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cache.mean, x.mean(0))
    np.testing.assert_allclose(cache.var, x.var(0))


@given(sizes)
def test_every_partial_derivative_equals_autograd(size):
    """The forward pass in torch, line by line, keeping the gradient of each line."""
    x, gamma, beta, dy = arrays(*size)
    eps = 1e-3
    _, cache = batch_norm_forward_numpy(x, gamma, beta, eps)
    chain = batch_norm_backward_chain_numpy(dy, cache)
    tx, tgamma, tbeta = (torch.from_numpy(a).requires_grad_() for a in (x, gamma, beta))
    mean = tx.mean(0)
    var = ((tx - mean) ** 2).mean(0)
    x_hat = (tx - mean) / torch.sqrt(var + eps)
    y = tgamma * x_hat + tbeta
    expected = torch.autograd.grad(y, (x_hat, var, mean, tx, tgamma, tbeta), torch.from_numpy(dy))
    for name, ours, theirs in zip(chain._fields, chain, expected, strict=True):
        scale = 1 + np.abs(theirs.numpy()).max()
        np.testing.assert_allclose(ours / scale, theirs / scale, atol=1e-8, err_msg=name)


@given(sizes)
def test_the_compact_formula_is_the_chain(size):
    x, gamma, beta, dy = arrays(*size)
    _, cache = batch_norm_forward_numpy(x, gamma, beta)
    chain, compact = (
        batch_norm_backward_chain_numpy(dy, cache),
        batch_norm_backward_numpy(dy, cache),
    )
    for name in ("dx", "dgamma", "dbeta"):
        a, b = getattr(compact, name), getattr(chain, name)
        np.testing.assert_allclose(a, b, atol=1e-9 * (1 + np.abs(b).max()), rtol=1e-7)


@given(sizes)
def test_gradient_is_orthogonal_to_ones_and_to_the_normalized_input(size):
    x, gamma, beta, dy = arrays(*size)
    _, cache = batch_norm_forward_numpy(x, gamma, beta, eps=0.0)
    dx = batch_norm_backward_numpy(dy, cache).dx
    # what would stay without the two projections
    scale = np.abs(gamma / np.sqrt(cache.var) * dy).sum(axis=0) + 1e-30
    assert np.all(np.abs(dx.sum(axis=0)) <= 1e-10 * scale)
    assert np.all(np.abs((dx * cache.x_hat).sum(axis=0)) <= 1e-10 * scale)


def test_float32_stays_float32():
    x, gamma, beta, dy = (a.astype(np.float32) for a in arrays(4, 2, 0))
    y, cache = batch_norm_forward_numpy(x, gamma, beta)
    results = (
        y,
        *batch_norm_backward_numpy(dy, cache),
        *batch_norm_backward_chain_numpy(dy, cache),
    )
    assert {a.dtype for a in results} == {np.dtype(np.float32)}


def test_images_as_rows_of_pixels():
    """The reshaping that the docstring gives makes it PyTorch's BatchNorm2d."""
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    rows = x.transpose(0, 2, 3, 1).reshape(-1, 3)
    y, _ = batch_norm_forward_numpy(rows, np.ones(3), np.zeros(3))
    images = y.reshape(2, 4, 5, 3).transpose(0, 3, 1, 2)
    expected = torch.nn.BatchNorm2d(3, affine=False, dtype=torch.float64)(torch.from_numpy(x))
    np.testing.assert_allclose(images, expected, atol=1e-12)


def test_nan_stays_in_its_channel():
    x = np.array([[np.nan, 1.0], [2.0, 3.0]])
    y, _ = batch_norm_forward_numpy(x, np.ones(2), np.zeros(2))
    assert np.isnan(y).tolist() == [[True, False], [True, False]]


X, ONE = np.zeros((4, 3)), np.ones(3)
ERRORS = {
    "integers": (TypeError, "x must be floating point, got int", (X.astype(int), ONE, ONE)),
    "one row": (ValueError, r"m at least 2, got \(1, 3\)", (X[:1], ONE, ONE)),
    "vector": (ValueError, r"\(m, C\)", (ONE, ONE, ONE)),
    "gamma": (ValueError, r"gamma must have shape \(3,\), got \(2,\)", (X, ONE[:2], ONE)),
    "beta": (ValueError, r"beta must have shape \(3,\), got \(\)", (X, ONE, 1.0)),
    "eps": (ValueError, "eps must be at least 0, got -1", (X, ONE, ONE, -1)),
}


@pytest.mark.parametrize("case", ERRORS)
def test_forward_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^batch_norm_forward_numpy: .*{message}"):
        batch_norm_forward_numpy(*args)


@pytest.mark.parametrize("backward", [batch_norm_backward_numpy, batch_norm_backward_chain_numpy])
def test_backward_errors(backward):
    _, cache = batch_norm_forward_numpy(np.eye(3), ONE, ONE)
    with pytest.raises(ValueError, match=rf"^{backward.__name__}: dy .* \(3, 3\), got \(2, 3\)"):
        backward(np.zeros((2, 3)), cache)

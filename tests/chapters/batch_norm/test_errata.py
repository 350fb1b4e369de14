"""What the errata say, shown: the slide's version fails and the right one holds.

Each test computes both sides from the definitions with NumPy or plain tensors, and uses the package
only where its own function is what is meant.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lecturelib.normalization import (
    batch_norm,
    batch_norm_backward_chain_numpy,
    batch_norm_forward_numpy,
)


def test_identity_needs_the_root() -> None:
    """JHU: γ = Var[x] gives the identity only where Var[x] = 1."""
    generator = torch.Generator().manual_seed(0)
    x = 30 * torch.randn(64, 3, generator=generator, dtype=torch.float64) + 5
    mean, var = x.mean(0), x.var(0, correction=0)

    def largest_error(gamma: torch.Tensor) -> float:
        y = batch_norm(x, None, None, gamma, mean, training=True)
        return ((y - x).abs().max() / x.abs().max()).item()

    assert largest_error((var + 1e-5).sqrt()) < 1e-14
    assert largest_error(var) > 20  # about the standard deviation, 30
    assert largest_error(var.sqrt()) > 1e-10  # ε is needed too


def test_normalizing_keeps_the_shape() -> None:
    """JHU: step 2 gives no Gaussian. An exponential keeps skewness 2 and excess kurtosis 6."""
    x = torch.from_numpy(np.random.default_rng(0).exponential(size=(400_000, 1)))
    y = batch_norm(x, None, None, training=True, eps=0.0)
    assert y.mean().item() == pytest.approx(0, abs=1e-12)
    assert y.square().mean().item() == pytest.approx(1, abs=1e-12)
    assert y.pow(3).mean().item() == pytest.approx(2, rel=0.05)
    assert y.pow(4).mean().item() - 3 == pytest.approx(6, rel=0.1)


@pytest.mark.parametrize("m", [2, 4, 16])
def test_average_of_standard_deviations_is_too_small(m: int) -> None:
    """JHU: average variances with m/(m−1), not standard deviations.

    For a Gaussian E[s] = σ √(2/m) Γ(m/2) / Γ((m−1)/2) for the biased standard deviation s.
    """
    x = 3 * np.random.default_rng(m).standard_normal((200_000, m))
    right = np.sqrt(m / (m - 1) * x.var(axis=1).mean())
    slide = x.std(axis=1).mean()
    expected = 3 * math.sqrt(2 / m) * math.gamma(m / 2) / math.gamma((m - 1) / 2)
    assert right == pytest.approx(3, rel=0.01)
    assert slide == pytest.approx(expected, rel=0.01)
    assert slide < 0.96 * 3
    if m == 2:
        assert slide == pytest.approx(0.56 * 3, rel=0.02)


def test_two_parameters_and_six_gradients() -> None:
    """BLOG: γ and β are the new parameters; the chain of Ioffe and Szegedy has six gradients."""
    assert [name for name, _ in torch.nn.BatchNorm1d(4).named_parameters()] == ["weight", "bias"]
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, 8, 3))
    _, cache = batch_norm_forward_numpy(x, np.ones(3), np.zeros(3))
    chain = batch_norm_backward_chain_numpy(dy, cache)
    assert sorted(chain._fields) == ["dbeta", "dgamma", "dmean", "dvar", "dx", "dx_hat"]

    leaf = torch.from_numpy(x).requires_grad_()
    mean = leaf.mean(0)
    var = ((leaf - mean) ** 2).mean(0)
    x_hat = (leaf - mean) / (var + 1e-5).sqrt()
    for value in (mean, var, x_hat):
        value.retain_grad()
    (torch.from_numpy(dy) * x_hat).sum().backward()
    for ours, torchs in [(chain.dx, leaf), (chain.dvar, var), (chain.dx_hat, x_hat)]:
        np.testing.assert_allclose(ours, torchs.grad, rtol=0, atol=1e-12)
    # Through the mean flows what reaches it directly; by way of the variance its gradient is zero.
    np.testing.assert_allclose(chain.dmean, mean.grad, rtol=0, atol=1e-12)

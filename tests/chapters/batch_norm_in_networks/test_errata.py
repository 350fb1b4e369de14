"""What the errata say, shown: the slide's version fails and the right one holds.

Each test computes both sides from the definitions with NumPy or plain tensors, and uses the package
only where its own function is what is meant.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lecturelib.normalization import batch_norm


def test_scale_invariance_needs_positive_scale_and_no_eps() -> None:
    """NT: BN(cWx) = BN(Wx) and a gradient of 1/c times, without a condition on c or ε."""
    generator = torch.Generator().manual_seed(0)
    z, r = torch.randn(2, 16, 5, generator=generator, dtype=torch.float64)

    def output_and_gradient(c: float, eps: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
        leaf = (c * z).requires_grad_()
        y = batch_norm(leaf, None, None, training=True, eps=eps)
        (gradient,) = torch.autograd.grad((r * y).sum(), leaf)
        return y.detach(), gradient

    y, g = output_and_gradient(1.0)
    for c in (0.1, 7.0):
        torch.testing.assert_close(output_and_gradient(c)[0], y, rtol=0, atol=1e-13)
        torch.testing.assert_close(output_and_gradient(c)[1], g / c, rtol=0, atol=1e-12)
    torch.testing.assert_close(output_and_gradient(-1.0)[0], -y, rtol=0, atol=1e-13)
    torch.testing.assert_close(output_and_gradient(-7.0)[1], g / 7, rtol=0, atol=1e-13)  # not −7
    with_eps = (output_and_gradient(0.1, 1e-5)[0] - output_and_gradient(1.0, 1e-5)[0]).abs().max()
    assert 1e-4 < with_eps < 1e-2


@pytest.mark.parametrize("n", [2, 4, 8])
def test_biased_variance_is_less_noisy(n: int) -> None:
    """LBN: the formula is that of the unbiased S², batch norm uses the biased variance."""
    x = np.random.default_rng(n).standard_normal((400_000, n))
    mu4, sigma4 = 3.0, 1.0
    slide = mu4 / n - sigma4 * (n - 3) / (n * (n - 1))
    assert x.var(axis=1, ddof=1).var() == pytest.approx(slide, rel=0.03)
    used = x.var(axis=1).var()
    assert used == pytest.approx(((n - 1) / n) ** 2 * slide, rel=0.03)
    if n == 2:
        assert used / slide == pytest.approx(0.25, rel=0.03)

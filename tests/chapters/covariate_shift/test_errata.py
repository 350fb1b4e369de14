"""What the errata say, shown: the slide's version fails and the right one holds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lecturelib.instruments import internal_covariate_shift, snapshot
from lecturelib.normalization import batch_norm, shifting_noise

F64 = torch.float64


def test_standardizing_leaves_the_shape() -> None:
    """JHU: moving batches to zero mean and unit deviation eliminates covariate shift."""
    rng = np.random.default_rng(0)
    batches = rng.standard_normal((20_000, 1)), rng.exponential(size=(20_000, 1))
    normal, exponential = (
        batch_norm(torch.from_numpy(b), None, None, training=True, eps=0.0) for b in batches
    )
    for x in (normal, exponential):
        assert x.mean().item() == pytest.approx(0, abs=1e-12)
        assert x.std(correction=0).item() == pytest.approx(1, abs=1e-12)
    assert (normal < -1.05).double().mean() > 0.1
    assert (exponential < -1.05).double().mean() == 0


def test_shifted_means_leave_covariances() -> None:
    """LBN: "covariance shift"."""
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(50, 4, generator=generator, dtype=F64) @ torch.randn(
        4, 4, generator=generator, dtype=F64
    )
    moved = shifting_noise(a, n_sigma=1.0, r_mu=0.0, r_sigma=0.0, generator=generator)
    assert (moved.mean(0) - a.mean(0)).abs().min() > 1e-3
    torch.testing.assert_close(torch.cov(moved.T), torch.cov(a.T), rtol=0, atol=1e-12)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_only_the_layers_below_count(layer: int) -> None:
    """BLOG: the gradient after the layer's own update, and one distance for a sum."""
    generator = torch.Generator().manual_seed(1)
    weights = [torch.randn(3, 3, generator=generator, dtype=F64) for _ in range(3)]
    x = torch.randn(5, 3, generator=generator, dtype=F64)

    def loss() -> torch.Tensor:
        h = x
        for w in weights:
            h = torch.tanh(h @ w.T)
        return h.square().sum()

    for w in weights:
        w.requires_grad_()
    layers = [[w] for w in weights]
    after = snapshot(layers)
    for i in range(layer, 3):  # the layer itself and those above
        after[i][0] += 0.1
    found = internal_covariate_shift(loss, layers, after=after).norm
    assert found.shape == (3,)
    assert found[layer] == 0
    assert (found[layer + 1 :] > 0).all()

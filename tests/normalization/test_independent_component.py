"""IndependentComponent: batch norm, then dropout."""

import pytest
import torch
from torch import nn

from lecturelib.normalization import BatchNorm2d, IndependentComponent


def test_is_torchs_batch_norm_then_dropout(rng):
    x = torch.randn(16, 3, generator=rng)
    layer = IndependentComponent(3, p=0.3)
    torch.manual_seed(1)
    ours = layer(x)
    torch.manual_seed(1)
    expected = nn.Dropout(0.3)(nn.BatchNorm1d(3)(x))
    torch.testing.assert_close(ours, expected)
    torch.testing.assert_close(layer.eval()(x), layer.norm(x))


def test_correlation_shrinks_by_the_keep_probability(rng):
    """Chen et al. (2019), theorem 1. Correlation .8 before; margin: 5 standard errors, ≤ 1/√n."""
    n, keep = 40_000, 0.7
    a, noise = torch.randn(2, n, generator=rng)
    x = torch.stack([a, 0.8 * a + 0.6 * noise], dim=1)
    torch.manual_seed(0)
    y = IndependentComponent(2, p=1 - keep)(x).detach()
    before, after = (torch.corrcoef(t.T)[0, 1].item() for t in (x, y))
    assert abs(after - keep * before) < 5 / n**0.5


def test_images(rng):
    x = torch.randn(4, 3, 2, 2, generator=rng)
    layer = IndependentComponent(3, p=0.0, norm=BatchNorm2d)
    torch.testing.assert_close(layer(x), nn.BatchNorm2d(3)(x))


def test_drops_five_percent_unless_said():
    assert IndependentComponent(3).dropout.p == 0.05


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_p_must_be_a_probability(p):
    with pytest.raises(ValueError, match=r"^IndependentComponent: p must lie in \[0, 1\], got"):
        IndependentComponent(3, p=p)

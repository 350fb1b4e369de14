"""What the exercises give to students can be solved from it, for any key."""

from __future__ import annotations

import pytest
import torch

from lecturelib.chapters.residual_connections.exercises import diagnose, growth, paths
from tests.chapters.residual_connections.answers.diagnose import letter


@pytest.mark.parametrize("kind", list(diagnose.KINDS))
def test_each_network_can_be_told_from_its_numbers(kind):
    for seed in range(diagnose.SEEDS):
        assert letter(diagnose.record(seed, **diagnose.KINDS[kind])) == kind, seed


@pytest.mark.parametrize("alpha", [0.3, 1.0, -2.0])
def test_shares_of_paths_are_those_of_expanded_products(alpha):
    """The polynomial (1 + α²t)⁴ / (1 + α²)⁴, written out."""
    a = alpha**2
    wanted = torch.tensor([1, 4 * a, 6 * a**2, 4 * a**3, a**4], dtype=torch.float64) / (1 + a) ** 4
    torch.testing.assert_close(paths.oracle(4, alpha), wanted)


def test_growth_is_what_random_networks_show():
    """200 networks of four blocks, three layers a branch, gain 1.5, width 64."""
    g, total = torch.Generator().manual_seed(0), []
    for _ in range(200):
        h = torch.randn(64, 8, generator=g, dtype=torch.float64)
        start = h.square().mean()
        for _ in range(4):
            f = h
            for _ in range(3):
                w = torch.randn(64, 64, generator=g, dtype=torch.float64) * (1.5 / 64) ** 0.5
                f = w @ f.relu()
            h = h + 0.8 * f
        total.append(h.square().mean() / start)
    measured = torch.stack(total).mean().item()
    assert measured == pytest.approx(growth.oracle(4, 0.8, 1.5, 3).item(), rel=0.05)

"""What the errata of the chapter ``signal_propagation`` say, shown from the definitions."""

from __future__ import annotations

import torch

from lecturelib.chapters.signal_propagation.experiments import PooledNetworks, moment_gradients


def test_ten_gradients_and_nine_differences() -> None:
    """JHU: ten mean-output gradients span ten dimensions; a common shift changes no loss."""
    networks = PooledNetworks([0, 1], channels=(3, 4, 5)).double()
    x = torch.randn(2, 64, 20, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    means = moment_gradients(networks, x)[:, :10]
    assert torch.linalg.matrix_rank(means).tolist() == [10, 10]
    differences = means[:, 1:] - means[:, :1]
    assert torch.linalg.matrix_rank(differences).tolist() == [9, 9]
    z = networks(x)
    y = torch.zeros(2, 20, dtype=torch.long)
    torch.testing.assert_close(
        torch.nn.functional.cross_entropy(z, y), torch.nn.functional.cross_entropy(z + 3, y)
    )

"""What the errata of the chapter ``residual_connections`` say, shown from the definitions."""

from __future__ import annotations

import torch

F64 = torch.float64


def test_the_identity_needs_its_diagonal_and_two_units_a_number() -> None:
    """LBN: all w_ii but one lowered keeps one coordinate; 2n ReLUs give the identity exactly."""
    x = torch.randn(20, 4, generator=torch.Generator().manual_seed(0), dtype=F64)
    lowered = torch.diag(torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=F64))
    kept = ((x @ lowered.T - x).abs() < 1e-12).all(0)
    assert kept.tolist() == [True, False, False, False]
    eye = torch.eye(4, dtype=F64)
    assert torch.equal((x @ eye.T).relu(), x.clamp(min=0))
    first = torch.cat([eye, -eye])
    assert torch.equal((x @ first.T).relu() @ first, x)

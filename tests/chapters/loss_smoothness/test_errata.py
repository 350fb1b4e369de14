"""What the errata of the chapter ``loss_smoothness`` say, shown from the definitions."""

from __future__ import annotations

import torch


def test_the_distance_is_that_of_arguments() -> None:
    """BLOG: the square root, which has no Lipschitz constant on [0, 1], passes the blog's test."""
    x = torch.logspace(-12, 0, 200, dtype=torch.float64)
    f = x.sqrt()
    rise = (f[:, None] - f[None, :]).abs()
    run = (x[:, None] - x[None, :]).abs()
    assert (rise <= 1 * rise).all()  # the blog's inequality with L = 1: it says nothing
    apart = run > 0
    slopes = rise[apart] / run[apart]
    assert slopes.max() > 1e5  # the slope 1/(2√x) grows without bound towards 0
    line = 3 * x
    assert ((line[:, None] - line[None, :]).abs() <= 3 * run * (1 + 1e-12)).all()

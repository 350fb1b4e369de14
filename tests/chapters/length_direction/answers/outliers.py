"""length-direction-outliers."""

import numpy as np
import torch

SLUG = "length-direction-outliers"
GENERATOR = torch.Generator().manual_seed(0)
CLOUD = 0.3 * torch.randn(95, 2, generator=GENERATOR, dtype=torch.float64)


def mixture(far, count=5, near=(-1.0, 0.0)):
    """Most points about one place, and some at another."""
    away = torch.tensor(far, dtype=torch.float64).expand(count, 2)
    return torch.cat([CLOUD + torch.tensor(near, dtype=torch.float64), away])


def two_places(far, few):
    """The same, without chance: two places near, one far."""
    near = (100 - few) // 2
    return torch.tensor([[-1.0, 0.3]] * near + [[-1.0, -0.3]] * near + [far] * few)


GOOD = two_places([20.0, 0.0], 10)
GAUSSIAN = torch.randn(500, 2, generator=GENERATOR, dtype=torch.float64)

RIGHT = [
    two_places([10.0, 0.0], 20),
    GOOD,
    GOOD.numpy(),
    GOOD.float(),
    GOOD.tolist(),
    np.float32(100 * GOOD.numpy()),
]

WRONG = {
    "as-gaussian": GAUSSIAN + torch.tensor([-0.5, 0.2]),
    "not-enough": mixture((20.0, 0.5), count=2),
    "degenerate": torch.tensor([[1.0, 2.0], [2.0, 4.0], [-4.0, -8.0]]),
    "no-mean": torch.cat([GAUSSIAN, -GAUSSIAN])[:1000],
    "too-many": GAUSSIAN.repeat(3, 1),
    "not-points": torch.ones(10),
}

UNLISTED = [
    (torch.full((4, 2), torch.nan), "not-finite", "finite"),
    (torch.ones(5, 3), "not-points", "(N, 2)"),
    ("far away", "not-points", "points"),
]

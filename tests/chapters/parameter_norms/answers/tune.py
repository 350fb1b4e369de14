"""parameter-norms-tune."""

import numpy as np
import torch
from sklearn.linear_model import Lasso

from lecturelib.chapters.parameter_norms.exercises import tune
from lecturelib.exercises import given

SLUG = "parameter-norms-tune"
DATA = given(SLUG)


def by_grid():
    grid = torch.logspace(-2.5, 0.5, 25, dtype=torch.float64)
    w = tune.lasso(DATA["X"], DATA["y"], grid)
    errors = (DATA["X_held"] @ w.T - DATA["y_held"][:, None]).square().mean(0)
    return grid[errors.argmin()]


def with_scikit_learn():
    x, y, x_held, y_held = (DATA[k].numpy() for k in ("X", "y", "X_held", "y_held"))
    grid = np.geomspace(0.01, 1, 15)
    errors = [
        ((Lasso(alpha=a, fit_intercept=False).fit(x, y).predict(x_held) - y_held) ** 2).mean()
        for a in grid
    ]
    return float(grid[int(np.argmin(errors))])


BEST = by_grid()
RIGHT = [BEST, with_scikit_learn(), BEST.float().numpy(), [BEST.item()]]

WRONG = {
    "all-zero": 5.0,
    "too-strong": 0.9,
    "too-weak": 0.001,
    "out-of-range": -0.1,
    "not-a-number": "strong",
}

UNLISTED = [
    (0.0, "too-weak", "do not count"),
    (float("inf"), "out-of-range", "finite"),
    ((0.1, 0.2), "not-a-number", "one number"),
]

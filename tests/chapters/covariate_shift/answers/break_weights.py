"""covariate-shift-break."""

import numpy as np
import torch

from lecturelib.chapters.covariate_shift import shimodaira

SLUG = "covariate-shift-break"


def search():
    """Walk to the left until the weights harm."""
    for k in range(10):
        test = (-k / 5, 0.5)
        plain, weighted = (shimodaira.fits(1, p, test=test) for p in (0.0, 1.0))
        if (weighted.excess > plain.excess).double().mean() > 0.7:
            return test
    raise AssertionError("not found")


RIGHT = [
    search(),
    (-0.8, 0.5),
    np.array([-1.0, 0.5], dtype=np.float32),
    torch.tensor([-0.9, 0.5]),
    {"std": 0.5, "mean": -0.8},
]

WRONG = {
    "weights-help": (0.0, 0.3),
    "variance-is-not-enough": (2.5, 0.3),
    "undecided": (-1.0, 0.3),
    "hardly-a-sample": (-1.2, 0.2),
    "no-weight-left": (-5.0, 0.1),
    "out-of-range": (0.0, 3.0),
    "not-two-numbers": -0.8,
}

UNLISTED = [
    ((0.5, 0.5), "weights-help", "help"),
    (("left", "wide"), "not-two-numbers", "two numbers"),
    ((-0.8, 0.01), "out-of-range", "between"),
]

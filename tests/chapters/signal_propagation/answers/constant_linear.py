"""signal-propagation-constant-linear."""

import torch

from lecturelib.exercises import given

SLUG = "signal-propagation-constant-linear"
GIVEN = given(SLUG)
W, X = GIVEN["weights"], GIVEN["x"]


def along(size=0.5):
    mean, rows = X.mean(1), []
    for w in W:
        mean = w @ mean
        row = size * mean / mean.square().mean().sqrt()
        mean = mean + row
        rows.append(row)
    return torch.stack(rows)


def downstream():
    """Each bias along the direction that the layers above stretch most, all with the same sign."""
    above, rows, target = torch.eye(32, dtype=torch.float64), [], None
    for w in W.flip(0):
        if target is None:
            target = torch.linalg.svd(above @ w)[0][:, 0]
        row = above.T @ target
        rows.append(0.5 * row / row.square().mean().sqrt())
        above = above @ w
    return torch.stack(rows[::-1])


class Plan:
    def __init__(self):
        self.biases = along()

    def __call__(self):
        return self.biases


def random(size):
    draws = torch.Generator().manual_seed(1)
    rows = torch.randn(30, 32, generator=draws, dtype=torch.float64)
    return size * rows / rows.square().mean(1, keepdim=True).sqrt()


BEST = along()
RIGHT = [BEST, BEST.float(), BEST.numpy(), Plan()().tolist(), downstream()]
WRONG = {
    "not-enough": random(0.5),
    "too-large": 2 * BEST,
    "not-used-up": along(0.05),
    "not-the-biases": BEST[:, :8],
    "not-finite": BEST / 0,
}
UNLISTED = [
    (torch.zeros(30, 32), "not-used-up", "smaller than"),
    (BEST * (-1.0) ** torch.arange(30)[:, None], "not-enough", "undoes"),
    (W, "not-the-biases", "30 layers"),
]

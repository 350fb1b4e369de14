"""output-units-die."""

import numpy as np
import torch
from scipy.optimize import minimize

from lecturelib.exercises import given

SLUG = "output-units-die"
MEAN, SIX = given(SLUG)["mean"], given(SLUG)["six"]
FACES = np.arange(1, 7)


def tilted(multiplier, faces=FACES):
    weights = np.exp(multiplier * faces)
    return weights / weights.sum()


def by_bisection(mean, faces):
    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tilted(middle, faces) @ faces < mean else (low, middle)
    return tilted(low, faces)


def with_six(rest):
    return np.append((1 - SIX) * np.asarray(rest), SIX)


def searched():
    """By an optimizer that knows no formula."""
    known = (
        {"type": "eq", "fun": lambda p: p.sum() - 1},
        {"type": "eq", "fun": lambda p: p @ FACES - MEAN},
        {"type": "eq", "fun": lambda p: p[5] - SIX},
    )
    start, limits = np.full(6, 1 / 6), [(1e-9, 1)] * 6
    entropy = lambda p: (p * np.log(p)).sum()  # noqa: E731
    return minimize(entropy, start, bounds=limits, constraints=known, tol=1e-10).x


REST = (MEAN - 6 * SIX) / (1 - SIX)
BEST = with_six(by_bisection(REST, FACES[:5]))
U = (REST - 1) / 4  # of the first five faces the ends alone
ENDS = with_six([1 - U, 0, 0, 0, U])
LINE = with_six(1 / 5 + (REST - 3) * (FACES[:5] - 3) / 10)

RIGHT = [
    BEST,
    searched(),
    torch.tensor(BEST),
    [round(float(v), 3) for v in BEST],
    BEST.astype(np.float32),
    dict(zip(range(1, 7), BEST, strict=True)),
]

WRONG = {
    "six-forgotten": by_bisection(MEAN, FACES),
    "mean-not-reduced": with_six(by_bisection(MEAN, FACES[:5])),
    "mean-forgotten": with_six(np.full(5, 1 / 5)),
    "reversed": np.append(BEST[4::-1], SIX),
    "straight-line": LINE,
    "rest-not-scaled": np.append(BEST[:5] / (1 - SIX), SIX),
    "fair": np.full(6, 1 / 6),
    "logarithms": np.log(BEST),
    "not-a-distribution": 2 * BEST,
    "wrong-mean": [0.5, 0.1, 0.1, 0.1, 0.1, 0.1],
    "not-six": MEAN,
    "entropy-too-small": (BEST + ENDS) / 2,
    "wrong-share": (BEST + by_bisection(MEAN, FACES)) / 2,
}

UNLISTED = [
    ("a six", "not-six", "six probabilities"),
    (-BEST, "not-a-distribution", "add up to -1"),
    ([0, 0, 0.5, 0.5, 0, 0], "wrong-mean", "3.500"),
]

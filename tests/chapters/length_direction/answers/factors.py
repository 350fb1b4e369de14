"""length-direction-factors."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "length-direction-factors"
DATA = given(SLUG)


def measured(eigenvalues, axis, rate):
    """The factor of the gap in a late step, with u along an axis."""
    S = torch.diag(eigenvalues)
    u = torch.zeros_like(eigenvalues)
    u[axis] = 0.4
    w = torch.linspace(1.0, 0.7, len(u), dtype=u.dtype)
    gaps = []
    for _ in range(60):
        a = (u @ w) / (w @ S @ w)
        w = w - rate * (S @ w - u / a)
        gaps.append(float(1 - eigenvalues[axis] * w[axis] ** 2 / (w @ S @ w)))
    late = next((k for k, x in enumerate(gaps) if x < 1e-9), len(gaps) - 1)
    return gaps[late] / gaps[late - 1] if gaps[late - 1] > 1e-13 else 0.0


E = DATA["eigenvalues"]
MEASURED = [
    measured(E, 0, 1 / E[0]),
    measured(E, 3, 1 / E[0]),
    measured(torch.ones_like(E), 0, 1.0),
    measured(E, 0, 2 / (E[0] + E[3])),
]
A, C, D = (float(x) for x in (E[0], E[2], E[3]))
LONGER = max(abs(1 - 2 * float(x) / (A + D)) for x in E[1:]) ** 2
EXACT = [(1 - D / A) ** 2, (1 - C / A) ** 2, 0.0, LONGER]

RIGHT = [
    EXACT,
    MEASURED,
    dict(zip(("large", "small", "white", "longer"), EXACT, strict=True)),
    np.array(EXACT, dtype=np.float32),
    torch.tensor(EXACT),
]


def other(place, value):
    return [value if k == place else x for k, x in enumerate(EXACT)]


WRONG = {
    "of-the-sine": [x**0.5 for x in EXACT],
    "bound-for-small": other(1, EXACT[0]),
    "large-wrong": other(0, 0.3),
    "small-wrong": other(1, 0.1),
    "white-wrong": other(2, 1.0),
    "longer-wrong": other(3, EXACT[0]),
}

UNLISTED = [
    (EXACT[:3], "not-four-numbers", "four numbers"),
    ([0.1, 0.2, 0.3, 0.4], "large-wrong", "S-orthogonal"),
    ("none", "not-four-numbers", "large, small"),
]

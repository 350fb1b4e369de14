"""optimizers-spike."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "optimizers-spike"
DATA = given(SLUG)
B, S, N = DATA["beta2"], DATA["spike"], DATA["before"]


def by_formula():
    k = math.log((1 - B) * (S**2 - 1) / 3) / math.log(1 / B)
    return math.ceil(k) - 1, (N / (N + S**2 + 1)) ** 0.5


def by_running():
    sizes = {}
    for name in ("RMSprop", "Adagrad"):
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        options = {"alpha": B} if name == "RMSprop" else {}
        optimizer = getattr(torch.optim, name)([theta], 1.0, **options)
        places = [0.0]
        for t in range(N + 300):
            theta.grad = torch.full((1,), S if t == N else 1.0, dtype=torch.float64)
            optimizer.step()
            places.append(theta.item())
        sizes[name] = torch.tensor(places, dtype=torch.float64).diff().abs()
    after = sizes["RMSprop"][N + 1 :]
    short = (after < sizes["RMSprop"][N - 1] / 2).sum()
    return short, sizes["Adagrad"][N + 1] / sizes["Adagrad"][N - 1]


COUNT, RATIO = by_formula()

RIGHT = [
    (COUNT, RATIO),
    by_running(),
    np.array([COUNT, RATIO]),
    {"count": COUNT, "ratio": round(RATIO, 4)},
]

WRONG = {
    "half-of-r": (
        math.ceil(math.log((1 - B) * (S**2 - 1)) / math.log(1 / B)) - 1,
        RATIO,
    ),
    "spike-counted": (COUNT + 1, RATIO),
    "one-off": (COUNT - 1, RATIO),
    "count": (1000, RATIO),
    "ratio-squared": (COUNT, RATIO**2),
    "ratio-upside-down": (COUNT, 1 / RATIO),
    "ratio": (COUNT, 0.5),
    "wrong-number-of-values": (COUNT,),
}

UNLISTED = [
    ((0, RATIO), "not-squared" if (1 - B) * (S - 1) <= 3 else "count", "RMSProp"),
    ((COUNT, 1.0), "ratio", "spike²"),
    ((RATIO, COUNT), "order", "(count, ratio)"),
    ((COUNT + 50, RATIO), "count", "RMSProp"),
]

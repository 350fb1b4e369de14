"""backprop-rings."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "backprop-rings"
X, T = given(SLUG)["X"], given(SLUG)["t"]


def train(X, t, units=16, lr=1.0, steps=800, start="random", sign=1.0):
    """Gradient descent in NumPy, with an argument for each way to get it wrong."""
    X, t = np.asarray(X), np.asarray(t)
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(units, 2)), rng.normal(size=units)
    v, c = rng.normal(size=units) / 4, 0.0
    if start == "equal":
        W, b, v = np.full((units, 2), 0.5), np.zeros(units), np.full(units, 0.1)
    for _ in range(steps):
        H = np.tanh(X @ W.T + b)
        dz = (1 / (1 + np.exp(-(H @ v + c))) - t) / len(t)
        dA = np.outer(dz, v) * (1 - H**2)
        W, b, v = W - lr * dA.T @ X, b - lr * dA.sum(0), v - lr * dz @ H
        c = c - lr * dz.sum()
    return W, b, sign * v, sign * c


def by_autograd(X, t):
    X, t = torch.as_tensor(X), torch.as_tensor(t)
    random = torch.Generator().manual_seed(1)
    start = [torch.randn(s, generator=random, dtype=X.dtype) for s in ((12, 2), (12,), (12,), (1,))]
    p = [a.requires_grad_() for a in start]
    optimizer = torch.optim.SGD(p, lr=1.0)
    for _ in range(500):
        z = torch.tanh(X @ p[0].T + p[1]) @ p[2] + p[3]
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(z, t).backward()
        optimizer.step()
    return [a.detach() for a in p]


PARAMETERS = train(X, T)

RIGHT = [
    PARAMETERS,
    by_autograd(X, T),
    [np.asarray(p).tolist() for p in PARAMETERS],
    dict(zip("Wbvc", PARAMETERS, strict=True)),
]

WRONG = {
    "equal-units": train(X, T, start="equal"),
    "upside-down": train(X, T, sign=-1.0),
    "not-learnt": train(X, T, units=1),
    "one-class": (np.eye(2), np.zeros(2), np.zeros(2), -1.0),
    "not-finite": train(X, T * np.nan, steps=1),
}

UNLISTED = [
    (PARAMETERS[:3], "not-four-parameters", "four parameters"),
    ((PARAMETERS[0].T, *PARAMETERS[1:]), "wrong-shapes", "hidden units"),
    (train(X, T, steps=1), "not-learnt", "more steps"),
    (train, "not-four-parameters", "four parameters"),
]

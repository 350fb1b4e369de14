"""preprocessing-clinic."""

import numpy as np
import torch
from torch import nn

from lecturelib.exercises import given

SLUG = "preprocessing-clinic"
X, Y = given(SLUG)["X"], given(SLUG)["y"]


def trained(prepare, hidden=16, steps=300, lr=0.02):
    """Adam on all patients at once."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, hidden), nn.ReLU(), nn.Linear(hidden, 2))
        if not hidden:
            model = nn.Linear(5, 2)
        optimizer = torch.optim.Adam(model.parameters(), lr)
        for _ in range(steps):
            loss = nn.functional.cross_entropy(model(prepare(X)), Y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return lambda X: model(prepare(X)).argmax(1)


def logged(X):
    return torch.cat([X[:, :2], X[:, 2:3].log10(), X[:, 3:]], 1)


def scaled(fit, change=lambda X: X, guard=True):
    mean, std = change(fit).mean(0), change(fit).std(0, correction=0)
    std = torch.where(std == 0, 1.0, std) if guard else std
    return lambda X: ((change(X) - mean) / std).float()


def by_own_statistics(X):
    return scaled(X, logged)(X)


GOOD = trained(scaled(X, logged))
ON_ITS_OWN = trained(by_own_statistics)


def by_hand(X):
    X = np.asarray(X)
    return ((X[:, 1] > 37.5) == (X[:, 2] > 1e-4)).astype(int)


RIGHT = [GOOD, lambda X: GOOD(torch.as_tensor(X)).tolist(), by_hand]

WRONG = {
    "depends-on-others": ON_ITS_OWN,
    "not-enough": trained(scaled(X), steps=60),
    "upside-down": lambda new: 1 - GOOD(new),
    "one-answer": trained(lambda X: X.float(), steps=1, lr=1.0),
    "one-column": lambda X: (X[:, 1] > 37.5).long(),
    "not-labels": lambda new: scaled(X, logged, guard=False)(new)[:, 4],
    "wrong-shape": lambda X: GOOD(X)[:, None],
    "not-a-function": GOOD(X),
}

UNLISTED = [
    (trained(scaled(X, logged), steps=2), "not-enough", "enough steps"),
    (lambda X: GOOD(X) + 1, "not-labels", "0 or 1"),
    (lambda X: torch.zeros(len(X)), "one-answer", "same label"),
]

"""gradient-descent-budget."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "gradient-descent-budget"


def walk(B=16, lr=0.25, epochs=3, falls=True, sign=-1.0):
    """Shuffled minibatches, with an argument for each way to get it wrong."""

    def descend(gradient, theta, N):
        random = torch.Generator().manual_seed(0)
        batches = [b for _ in range(epochs) for b in torch.randperm(N, generator=random).split(B)]
        for t, batch in enumerate(batches):
            rate = lr * (min(1, 1.5 * (1 - t / len(batches))) if falls else 1)
            theta = theta + sign * rate * gradient(theta, batch)
        return theta

    return descend


def in_numpy(gradient, theta, N):
    random, theta = np.random.default_rng(1), np.array(theta)
    for rate in (0.2, 0.2, 0.05):
        order = random.permutation(N)
        for first in range(0, N - 8, 8):
            theta = theta - rate * np.asarray(gradient(theta, order[first : first + 8]))
    return theta


def fresh_draws(gradient, theta, N):
    random = torch.Generator().manual_seed(2)
    steps = 3 * N // 10
    for t in range(steps):
        batch = torch.randint(N, (10,), generator=random)
        theta = theta - 0.2 * (1 - t / steps) * gradient(theta, batch)
    return theta.float()


RIGHT = [walk(), walk(B=8, lr=0.2), in_numpy, fresh_draws, as_object(walk())]

WRONG = {
    "few-steps": walk(B=1437, lr=1.0),
    "over-budget": walk(epochs=5),
    "no-gradient": lambda gradient, theta, N: 0 * theta,
    "not-moved": walk(lr=0.0),
    "no-better": walk(sign=1.0, lr=0.01),
    "not-tuned": walk(lr=0.003, falls=False),
    "budget-left": walk(epochs=1, lr=0.05),
    "too-long": lambda gradient, theta, N: theta - 1e4 * gradient(theta, [0, 1]),
    "diverged": lambda gradient, theta, N: theta + np.nan * gradient(theta, [0]),
    "wrong-shape": lambda gradient, theta, N: walk()(gradient, theta, N)[:-1],
}

UNLISTED = [
    (lambda gradient, theta, N: gradient(theta, range(N)), "no-better", "Which way"),
    (walk(B=16, epochs=4, lr=0.1), "over-budget", "4,311"),
    (walk(B=64, lr=0.02), "not-tuned", "rates"),
]

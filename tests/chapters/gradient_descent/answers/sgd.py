"""gradient-descent-sgd."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "gradient-descent-sgd"


def short(X, y, theta, batches, lr):
    for batch in batches:
        theta = theta - lr * X[batch].T @ (X[batch] @ theta - y[batch]) / len(batch)
    return theta


def automatic(X, y, theta, batches, lr):
    theta = theta.clone().requires_grad_()
    for batch in batches:
        loss = ((X[batch] @ theta - y[batch]) ** 2).mean() / 2
        (g,) = torch.autograd.grad(loss, theta)
        theta = (theta - lr * g).detach().requires_grad_()
    return theta.detach()


def with_numpy(X, y, theta, batches, lr):
    for batch in batches:
        theta = theta - lr * np.mean((X[batch] @ theta - y[batch])[:, None] * X[batch], axis=0)
    return theta


RIGHT = [short, automatic, with_numpy, in_float32(short), as_object(short)]


def walk(step):
    """SGD with step(theta, X, y, batch, lr, t, start)."""

    def answer(X, y, theta, batches, lr):
        start = theta
        for t, batch in enumerate(batches):
            theta = step(theta, X, y, batch, lr, t, start)
        return theta

    return answer


def g(theta, X, y, batch):
    return X[batch].T @ (X[batch] @ theta - y[batch])


WRONG = {
    "sum-not-mean": walk(lambda th, X, y, b, lr, t, s: th - lr * g(th, X, y, b)),
    "divided-by-all": walk(lambda th, X, y, b, lr, t, s: th - lr * g(th, X, y, b) / len(X)),
    "uphill": walk(lambda th, X, y, b, lr, t, s: th + lr * g(th, X, y, b) / len(b)),
    "half-forgotten": walk(lambda th, X, y, b, lr, t, s: th - 2 * lr * g(th, X, y, b) / len(b)),
    "first-batch-only": lambda X, y, theta, batches, lr: short(
        X, y, theta, [batches[0]] * len(batches), lr
    ),
    "whole-set": lambda X, y, theta, batches, lr: short(
        X, y, theta, [torch.arange(len(X))] * len(batches), lr
    ),
    "one-step": lambda X, y, theta, batches, lr: short(X, y, theta, [torch.arange(len(X))], lr),
    "solved": lambda X, y, theta, batches, lr: torch.linalg.pinv(X) @ y,
    "prediction-forgotten": walk(lambda th, X, y, b, lr, t, s: th + lr * X[b].T @ y[b] / len(b)),
    "last-batch-left-out": lambda X, y, theta, batches, lr: short(X, y, theta, batches[:-1], lr),
    "gradient-at-the-start": walk(lambda th, X, y, b, lr, t, s: th - lr * g(s, X, y, b) / len(b)),
    "rate-falls": walk(lambda th, X, y, b, lr, t, s: th - lr / (t + 1) * g(th, X, y, b) / len(b)),
    "first-batch-left-out": lambda X, y, theta, batches, lr: short(X, y, theta, batches[1:], lr),
    "target-added": lambda X, y, theta, batches, lr: short(X, -y, theta, batches, lr),
    "path-averaged": lambda X, y, theta, batches, lr: torch.stack(
        [short(X, y, theta, batches[: t + 1], lr) for t in range(len(batches))]
    ).mean(0),
    "sample-by-sample": lambda X, y, theta, batches, lr: short(
        X, y, theta, batches.reshape(-1, 1), lr
    ),
    "repeats-dropped": lambda X, y, theta, batches, lr: short(
        X, y, theta, [b.unique() for b in batches], lr
    ),
    "backwards": lambda X, y, theta, batches, lr: short(X, y, theta, batches.flip(0), lr),
}


def in_place(X, y, theta, batches, lr):
    for batch in batches:
        theta -= lr * g(theta, X, y, batch) / len(batch)
    return theta


UNLISTED = [
    (in_place, "argument-changed", "`theta`"),
    (
        walk(lambda th, X, y, b, lr, t, s: th - lr * g(th, X, y, b).sign()),
        "different",
        "differs from the definition",
    ),
    (lambda X, y, theta, batches, lr: short(X, y, theta, batches, lr).sum(), "wrong-shape", "axes"),
]

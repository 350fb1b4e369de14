"""residual-connections-backward."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "residual-connections-backward"


def backward(h, W, V, alpha, delta):
    x = h * (h > 0)
    u = x @ W.T
    du = alpha * (delta @ V) * (u > 0)
    return delta + (du @ W) * (h > 0), du.T @ x, alpha * delta.T @ (u * (u > 0))


def by_numpy(h, W, V, alpha, delta):
    x = np.maximum(h, 0)
    u = x @ W.T
    branch = alpha * delta
    du = np.where(u > 0, branch @ V, 0)
    return np.where(h > 0, du @ W, 0) + delta, du.T @ x, branch.T @ np.maximum(u, 0)


def by_samples(h, W, V, alpha, delta):
    parts = [backward(h[i : i + 1], W, V, alpha, delta[i : i + 1]) for i in range(len(h))]
    rows, by_w, by_v = zip(*parts, strict=True)
    return torch.cat(rows), sum(by_w), sum(by_v)


def by_jacobians(h, W, V, alpha, delta):
    rows = []
    for x, d in zip(h, delta, strict=True):
        on = torch.diag((W @ x.relu() > 0).to(x))
        own = V @ on @ W @ torch.diag((x > 0).to(x))
        rows.append(d @ (torch.eye(len(x), dtype=x.dtype) + alpha * own))
    return torch.stack(rows), *backward(h, W, V, alpha, delta)[1:]


def automatic(h, W, V, alpha, delta):
    leaves = [t.clone().requires_grad_() for t in (h, W, V)]
    x, w, v = leaves
    out = x + alpha * torch.relu(torch.relu(x) @ w.T) @ v.T
    return torch.autograd.grad((out * delta).sum(), leaves)


def with_change(first=lambda g, d: g, rest=lambda g: g):
    """The answer with its parts changed."""

    def answer(h, W, V, alpha, delta):
        dh, dW, dV = backward(h, W, V, alpha, delta)
        return first(dh, delta), rest(dW), rest(dV)

    return answer


def without_inner(h, W, V, alpha, delta):
    x = h * (h > 0)
    du = alpha * delta @ V
    u = x @ W.T
    return delta + (du @ W) * (h > 0), du.T @ x, alpha * delta.T @ (u * (u > 0))


def without_outer(h, W, V, alpha, delta):
    x = h * (h > 0)
    u = x @ W.T
    du = alpha * (delta @ V) * (u > 0)
    return delta + du @ W, du.T @ x, alpha * delta.T @ (u * (u > 0))


RIGHT = [
    backward,
    by_numpy,
    by_samples,
    by_jacobians,
    in_float32(backward),
    as_object(backward),
]

WRONG = {
    "skip-lost": with_change(lambda g, d: g - d),
    "skip-scaled-twice": with_change(lambda g, d: g + d),
    "scale-lost": lambda h, W, V, alpha, delta: backward(h, W, V, 1.0, delta),
    "weights-without-scale": lambda h, W, V, alpha, delta: (
        backward(h, W, V, alpha, delta)[0],
        *backward(h, W, V, 1.0, delta)[1:],
    ),
    "inner-relu-lost": without_inner,
    "outer-relu-lost": without_outer,
    "averaged": lambda h, W, V, alpha, delta: (
        backward(h, W, V, alpha, delta)[0],
        *(g / len(h) for g in backward(h, W, V, alpha, delta)[1:]),
    ),
    "automatic-differentiation": automatic,
}

UNLISTED = [
    (lambda h, W, V, alpha, delta: delta, "wrong-number-of-values", "3"),
    (with_change(lambda g, d: -g, lambda g: -g), "sign", "sign"),
    (lambda h, W, V, alpha, delta: ("h", "W", "V"), "wrong-type", "numbers"),
]

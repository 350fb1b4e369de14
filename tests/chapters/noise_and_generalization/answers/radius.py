"""noise-and-generalization-radius."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "noise-and-generalization-radius"


def sizes(W, b, x, y, ord=1):
    keep = torch.arange(len(W)) != y
    z = W @ x + b
    return (z[y] - z[keep]) / torch.linalg.vector_norm(W[y] - W[keep], ord=ord, dim=1)


def short(W, b, x, y):
    return torch.relu(sizes(W, b, x, y).min())


def with_numpy(W, b, x, y):
    z = np.dot(W, x) + b
    others = [k for k in range(len(z)) if k != y]
    return max(0.0, min((z[y] - z[k]) / np.sum(np.abs(W[y] - W[k])) for k in others))


def by_bisection(W, b, x, y):
    """Grow ε until some other class has caught up."""
    low, high = 0.0, 1e3
    for _ in range(80):
        eps = (low + high) / 2
        moved = W @ x + b - eps * ((W[y] - W).abs().sum(1) * -1.0)
        caught = bool((moved[torch.arange(len(W)) != y] >= (W @ x + b)[y]).any())
        low, high = (low, eps) if caught else (eps, high)
    return high if high > 1e-9 else 0.0


RIGHT = [short, with_numpy, by_bisection, in_float32(short), as_object(short)]


def runner_up(W, b, x, y):
    z = W @ x + b
    keep = torch.arange(len(W)) != y
    return torch.relu(sizes(W, b, x, y)[(z[y] - z[keep]).argmin()])


def own(W, b, x, y):
    z = W @ x + b
    keep = torch.arange(len(W)) != y
    return torch.relu((z[y] - z[keep]).min() / W[y].abs().sum())


WRONG = {
    "euclidean": lambda W, b, x, y: torch.relu(sizes(W, b, x, y, 2).min()),
    "largest-entry": lambda W, b, x, y: torch.relu(sizes(W, b, x, y, float("inf")).min()),
    "own-weights": own,
    "half": lambda W, b, x, y: short(W, b, x, y) / 2,
    "largest": lambda W, b, x, y: torch.relu(sizes(W, b, x, y).max()),
    "runner-up": runner_up,
    "negative": lambda W, b, x, y: sizes(W, b, x, y).min(),
    "no-bias": lambda W, b, x, y: short(W, 0 * b, x, y),
}

UNLISTED = [
    (lambda W, b, x, y: 3 * short(W, b, x, y), "different", "fixed 3"),
    (lambda W, b, x, y: sizes(W, b, x, y), "wrong-shape", "shape"),
    (lambda W, b, x, y: (W @ x + b)[y], "different", "differs"),
]

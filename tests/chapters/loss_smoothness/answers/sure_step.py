"""loss-smoothness-sure-step."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "loss-smoothness-sure-step"


def short(H, g):
    return 2 / torch.linalg.eigvalsh(H)[-1], 2 * (g @ g) / (g @ H @ g)


def with_numpy(H, g):
    return 2 / np.linalg.norm(H, 2), 2 * np.dot(g, g) / np.dot(g, np.dot(H, g))


def by_a_parabola(H, g):
    """The second zero of the change of the loss."""
    a, b = (g @ H @ g) / 2, -(g @ g)
    return [2 / torch.linalg.svdvals(H)[0], -b / a]


RIGHT = [short, with_numpy, by_a_parabola, in_float32(short), as_object(short)]


def top(H):
    return torch.linalg.eigvalsh(H)[-1]


def exact(H, g):
    return 2 * (g @ g) / (g @ H @ g)


WRONG = {
    "half-the-sure-rate": lambda H, g: (1 / top(H), exact(H, g)),
    "frobenius": lambda H, g: (2 / H.norm(), exact(H, g)),
    "trace": lambda H, g: (2 / H.trace(), exact(H, g)),
    "smallest": lambda H, g: (2 / torch.linalg.eigvalsh(H)[0], exact(H, g)),
    "upside-down": lambda H, g: (2 / top(H), 4 / exact(H, g)),
    "distance": lambda H, g: (2 / top(H), exact(H, g) * g.norm()),
    "lowest-point": lambda H, g: (2 / top(H), exact(H, g) / 2),
}

UNLISTED = [
    (lambda H, g: (2 / torch.linalg.eig(H)[0].real[0], exact(H, g)), "only-sometimes", "diagonal"),
    (lambda H, g: (exact(H, g), 2 / top(H)), "order", "another order"),
    (lambda H, g: (2 / top(H), 3 * exact(H, g)), "different", "fixed 3"),
    (lambda H, g: 2 / top(H), "wrong-number-of-values", "2 values"),
]

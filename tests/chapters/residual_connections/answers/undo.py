"""residual-connections-undo."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "residual-connections-undo"


def undo(y, branch):
    h = y
    for _ in range(200):
        h = y - branch(h)
    return h


def until_it_stays(y, branch):
    h, change = y, 1.0
    while change > 1e-9:
        new = y - branch(h)
        change, h = float(abs(new - h).max()), new
    return h


def by_numpy(y, branch):
    h = np.zeros(y.shape)
    for _ in range(300):
        h = np.asarray(y) - branch(h)
    return h


def damped(y, branch):
    h = torch.zeros_like(y)
    for _ in range(600):
        h = h + 0.5 * (y - branch(h) - h)
    return h


def in_float32(y, branch):
    return undo(y, branch).float()


RIGHT = [undo, until_it_stays, by_numpy, damped, in_float32, as_object(undo)]


def three(y, branch):
    h = y
    for _ in range(4):
        h = y - branch(h)
    return h


WRONG = {
    "unchanged": lambda y, branch: y,
    "one-step": lambda y, branch: y - branch(y),
    "sign": lambda y, branch: y + branch(y),
    "not-converged": three,
    "not-the-input": lambda y, branch: y - 3 * branch(y),
    "not-finite": lambda y, branch: y / 0,
}


def fifty(y, branch):
    h = y
    for _ in range(50):
        h = y - branch(h)
    return h


UNLISTED = [
    (fifty, "not-converged", "How many steps"),
    (lambda y, branch: y[0], "wrong-shape", "shape"),
    (lambda y, branch: "h", "wrong-shape", "shape"),
    (lambda y, branch: -y, "not-the-input", "does not give y"),
]

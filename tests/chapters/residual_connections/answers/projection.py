"""residual-connections-projection."""

import numpy as np
import torch
from torch.nn.functional import linear, relu

from tests.exercises.styles import as_object, in_float32

SLUG = "residual-connections-projection"


def block(x, W, b, V, c, P):
    return relu(x @ P.T + relu(x @ W.T + b) @ V.T + c)


def in_layers(x, W, b, V, c, P):
    return torch.clamp(linear(x, P) + linear(relu(linear(x, W, b)), V, c), min=0)


def by_numpy(x, W, b, V, c, P):
    u = np.maximum(x @ W.T + b, 0)
    return np.maximum(x @ P.T + u @ V.T + c, 0)


def by_samples(x, W, b, V, c, P):
    return torch.stack([(P @ v + V @ (W @ v + b).clamp(min=0) + c).clamp(min=0) for v in x])


RIGHT = [block, in_layers, by_numpy, by_samples, in_float32(block), as_object(block)]

WRONG = {
    "no-skip": lambda x, W, b, V, c, P: relu(relu(x @ W.T + b) @ V.T + c),
    "no-last-relu": lambda x, W, b, V, c, P: x @ P.T + relu(x @ W.T + b) @ V.T + c,
    "relu-on-the-branch": lambda x, W, b, V, c, P: x @ P.T + relu(relu(x @ W.T + b) @ V.T + c),
    "pre-activation": lambda x, W, b, V, c, P: (
        block(relu(x), W, b, V, c, P) * 0 + relu(x @ P.T + relu(relu(x) @ W.T + b) @ V.T + c)
    ),
    "no-inner-relu": lambda x, W, b, V, c, P: relu(x @ P.T + (x @ W.T + b) @ V.T + c),
    "b-lost": lambda x, W, b, V, c, P: block(x, W, 0 * b, V, c, P),
    "c-lost": lambda x, W, b, V, c, P: block(x, W, b, V, 0 * c, P),
    "relu-on-the-skip": lambda x, W, b, V, c, P: relu(relu(x) @ P.T + relu(x @ W.T + b) @ V.T + c),
}

UNLISTED = [
    (lambda x, W, b, V, c, P: 2 * block(x, W, b, V, c, P), "factor", "fixed 2"),
    (lambda x, W, b, V, c, P: x, "wrong-shape", "shape"),
    (lambda x, W, b, V, c, P: block(x, W, b, V, c, P).T, "wrong-shape", "transposed"),
]

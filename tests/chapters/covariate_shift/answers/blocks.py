"""covariate-shift-blocks."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "covariate-shift-blocks"


def by_blocks(H, g, sizes, lr):
    """The first-order formula."""
    found, first = [], 0
    for size in sizes:
        found.append(lr * (H[first : first + size, :first] @ g[:first]).norm())
        first += size
    return torch.stack(found)


def in_numpy(H, g, sizes, lr):
    """With a mask of what has moved."""
    H, g = np.asarray(H), np.asarray(g)
    layer = np.repeat(np.arange(len(sizes)), sizes)
    return [np.linalg.norm((H @ (lr * g * (layer < i)))[layer == i]) for i in range(len(sizes))]


def with_floats(H, g, sizes, lr):
    return [float(v) for v in by_blocks(H, g, sizes, lr)]


RIGHT = [by_blocks, in_numpy, with_floats, in_float32(with_floats), as_object(by_blocks)]


def masked(H, g, sizes, lr, moves, rate=True):
    """Which layers j move for layer i is an argument."""
    layer = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    found = []
    for i in range(len(sizes)):
        step = g * moves(layer, i) * (lr if rate else 1.0)
        found.append((H @ step)[layer == i].norm())
    return torch.stack(found)


def relative(H, g, sizes, lr):
    parts = torch.split(g, sizes)
    return by_blocks(H, g, sizes, lr) / torch.stack([p.norm() for p in parts])


def added(H, g, sizes, lr):
    """Lengths added where vectors should be."""
    columns, rows, found = torch.split(g, sizes), torch.split(H, sizes), []
    for i in range(len(sizes)):
        blocks = torch.split(rows[i], sizes, dim=1)
        found.append(sum((lr * (blocks[j] @ columns[j]).norm() for j in range(i)), torch.zeros(())))
    return torch.stack([v.double() for v in found])


WRONG = {
    "own-layer-moved": lambda H, g, sizes, lr: masked(H, g, sizes, lr, lambda k, i: k <= i),
    "layers-above": lambda H, g, sizes, lr: masked(H, g, sizes, lr, lambda k, i: k > i),
    "all-others": lambda H, g, sizes, lr: masked(H, g, sizes, lr, lambda k, i: k != i),
    "only-the-next": lambda H, g, sizes, lr: masked(H, g, sizes, lr, lambda k, i: k == i - 1),
    "no-rate": lambda H, g, sizes, lr: masked(H, g, sizes, lr, lambda k, i: k < i, rate=False),
    "relative": relative,
    "squared": lambda H, g, sizes, lr: by_blocks(H, g, sizes, lr) ** 2,
    "lengths-added": added,
}

UNLISTED = [
    (lambda H, g, sizes, lr: by_blocks(H, g, sizes, lr)[1:], "wrong-shape", "shape"),
    (lambda H, g, sizes, lr: 3 * by_blocks(H, g, sizes, lr), "factor", "right pattern"),
    (lambda H, g, sizes, lr: by_blocks(H, g, sizes, lr).sum(), "wrong-shape", "shape"),
]

"""universal-approximation-and."""

import numpy as np
import torch

SLUG = "universal-approximation-and"


def short(rows):
    return 2 * rows - 1, 0.5 - rows.sum(1)


def looped(rows):
    weight = [[1.0 if bit else -1.0 for bit in row] for row in rows.tolist()]
    return weight, [0.5 - sum(row) for row in rows.tolist()]


def with_numpy(rows):
    weight = np.where(rows > 0, 1.0, -1.0)
    return weight, 0.5 - np.sum(weight * rows, axis=1)


class Units:
    def __call__(self, rows):
        return {"bias": 0.5 - rows.sum(axis=1), "weight": np.where(rows > 0, 1.0, -1.0)}


def in_float32(rows):
    return short(rows.float())


RIGHT = [short, looped, with_numpy, Units(), in_float32]

WRONG = {
    "zeros-ignored": lambda r: (r, 0.5 - r.sum(1)),
    "zeros-rewarded": lambda r: (torch.ones_like(r), 0.5 - r.sum(1)),
    "threshold-at-the-row": lambda r: (2 * r - 1, -r.sum(1)),
    "threshold-too-low": lambda r: (2 * r - 1, 1.5 - r.sum(1)),
    "threshold-too-high": lambda r: (2 * r - 1, -0.5 - r.sum(1)),
    "all-bits-counted": lambda r: (2 * r - 1, torch.full_like(r[:, 0], 0.5 - r.shape[1])),
    "zeros-counted": lambda r: (2 * r - 1, 0.5 - (1 - r).sum(1)),
    "bias-sign": lambda r: (2 * r - 1, r.sum(1) - 0.5),
    "negated": lambda r: (1 - 2 * r, r.sum(1) - 0.5),
    "argument-of-one": lambda r: (2 * r - 1, 1 - r.sum(1)),
    "argument-of-a-quarter": lambda r: (2 * r - 1, 0.25 - r.sum(1)),
    "ones-minus-zeros": lambda r: (2 * r - 1, 0.5 - (2 * r - 1).sum(1)),
    "first-row-for-all": lambda r: (2 * r - 1, torch.full_like(r[:, 0], 0.5 - r[0].sum().item())),
    "all-rows-counted": lambda r: (2 * r - 1, torch.full_like(r[:, 0], 0.5 - r.sum().item())),
    "doubled": lambda r: (4 * r - 2, 1 - 2 * r.sum(1)),
}

UNLISTED = [
    (lambda r: (2 * r - 1, 0 * r.sum(1)), "all-zero", "The bias is zero"),
    (lambda r: 2 * r - 1, "wrong-number-of-values", "2 values"),
    (lambda r: ((2 * r - 1).T, 0.5 - r.sum(1)), "wrong-shape", "The weight"),
]

"""universal-approximation-and."""

import numpy as np
import torch

SLUG = "universal-approximation-and"


def weight_of(rows, zeros=-1.0, free=0.0):
    return torch.where(rows > 0, 1.0, torch.where(rows == 0, zeros, free)).to(rows.dtype)


def ones_of(rows):
    return (rows > 0).sum(1).to(rows.dtype)


def short(rows):
    return weight_of(rows), 0.5 - ones_of(rows)


def looped(rows):
    weight = [[{1: 1, 0: -1, -1: 0}[int(bit)] for bit in row] for row in rows]
    return weight, [0.5 - sum(bit == 1 for bit in row) for row in rows.tolist()]


def with_numpy(rows):
    weight = np.where(rows < 0, 0.0, 2 * rows - 1)
    return weight, 0.5 - np.maximum(weight, 0).sum(axis=1)


class Units:
    def __call__(self, rows):
        weight = np.where(rows > 0, 1.0, np.where(rows == 0, -1.0, 0.0))
        return {"bias": 0.5 - (rows == 1).sum(axis=1), "weight": weight}


def in_float32(rows):
    return short(rows.float())


RIGHT = [short, looped, with_numpy, Units(), in_float32]

WRONG = {
    "free-as-in-the-chapter": lambda r: (2 * r - 1, 0.5 - r.sum(1)),
    "free-forbidden": lambda r: (weight_of(r, free=-1.0), 0.5 - ones_of(r)),
    "free-in-the-bias": lambda r: (weight_of(r), 0.5 - r.sum(1)),
    "zeros-ignored": lambda r: (weight_of(r, zeros=0.0), 0.5 - ones_of(r)),
    "zeros-rewarded": lambda r: (weight_of(r, zeros=1.0), 0.5 - ones_of(r)),
    "threshold-at-the-row": lambda r: (weight_of(r), -ones_of(r)),
    "threshold-too-low": lambda r: (weight_of(r), 1.5 - ones_of(r)),
    "threshold-too-high": lambda r: (weight_of(r), -0.5 - ones_of(r)),
    "argument-of-one": lambda r: (weight_of(r), 1 - ones_of(r)),
    "all-bits-counted": lambda r: (weight_of(r), torch.full_like(r[:, 0], 0.5 - r.shape[1])),
    "asked-bits-counted": lambda r: (weight_of(r), 0.5 - (r >= 0).sum(1)),
    "zeros-counted": lambda r: (weight_of(r), 0.5 - (r == 0).sum(1)),
    "doubled": lambda r: (2 * weight_of(r), 1 - 2 * ones_of(r)),
    "bias-sign": lambda r: (weight_of(r), ones_of(r) - 0.5),
    "negated": lambda r: (-weight_of(r), ones_of(r) - 0.5),
}

UNLISTED = [
    (lambda r: (weight_of(r), 0 * ones_of(r)), "all-zero", "The bias is zero"),
    (weight_of, "wrong-number-of-values", "2 values"),
    (lambda r: (weight_of(r).T, 0.5 - ones_of(r)), "wrong-shape", "The weight"),
]

"""noise-and-generalization-sizes."""

import numpy as np

from tests.exercises.styles import as_object, in_float32

SLUG = "noise-and-generalization-sizes"


def bend(H, V):
    return (H**2).mean(0) * (V**2).sum(0)


def short(H, V, reward, limit):
    return (reward / bend(H, V)).sqrt().clamp(max=limit)


def with_numpy(H, V, reward, limit):
    with np.errstate(divide="ignore"):
        s = np.sqrt(reward / (np.mean(H**2, 0) * np.sum(V**2, 0)))
    return np.minimum(s, limit)


def unit_by_unit(H, V, reward, limit):
    found = []
    for j in range(H.shape[1]):
        c = float((H[:, j] ** 2).mean() * (V[:, j] ** 2).sum())
        found.append(limit if c * limit**2 <= reward else (reward / c) ** 0.5)
    return found


RIGHT = [short, with_numpy, unit_by_unit, in_float32(short), as_object(short)]

WRONG = {
    "additive": lambda H, V, r, limit: (r / (V**2).sum(0)).sqrt().clamp(max=limit),
    "variance": lambda H, V, r, limit: short(H - H.mean(0), V, r, limit),
    "sum-over-samples": lambda H, V, r, limit: short(H, V, r / len(H), limit),
    "half-forgotten": lambda H, V, r, limit: short(H, V, r / 2, limit),
    "twice": lambda H, V, r, limit: short(H, V, 2 * r, limit),
    "no-root": lambda H, V, r, limit: (r / bend(H, V)).clamp(max=limit),
    "no-bound": lambda H, V, r, limit: (r / bend(H, V)).sqrt(),
    "absolute-sum": lambda H, V, r, limit: short(H, V.abs().sum(0, keepdim=True), r, limit),
}

UNLISTED = [
    (lambda H, V, r, limit: 0 * short(H, V, r, limit) + limit, "different", "differs"),
    (lambda H, V, r, limit: 3 * short(H, V, r, 1e9), "factor", "fixed 3"),
    (lambda H, V, r, limit: short(H, V, r, limit).mean(), "wrong-shape", "shape"),
]

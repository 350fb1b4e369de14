"""parameter-norms-price."""

import numpy as np
import torch
from scipy.optimize import brentq

from tests.exercises.styles import as_object, in_float32

SLUG = "parameter-norms-price"


def price(h, w, radius):
    def norm(lam):
        return float((h / (h + 2 * lam) * w).norm())

    if norm(0.0) <= radius:
        return 0.0
    low, high = 0.0, 1.0
    while norm(high) > radius:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if norm(middle) > radius else (low, middle)
    return (low + high) / 2


def with_scipy(h, w, radius):
    h, w = np.asarray(h, float), np.asarray(w, float)

    def gap(lam):
        return np.linalg.norm(h / (h + 2 * lam) * w) - float(radius)

    return 0.0 if gap(0.0) <= 0 else brentq(gap, 0, 1e6, xtol=1e-12)


def newton(h, w, radius):
    """Newton's method on 1/norm − 1/radius, which is nearly straight."""
    lam = torch.zeros((), dtype=h.dtype)
    if w.norm() <= radius:
        return lam
    for _ in range(50):
        part = h / (h + 2 * lam) * w
        n = part.norm()
        slope = 2 * (part**2 / (h + 2 * lam)).sum() / n**3
        lam = lam - (1 / n - 1 / radius) / slope
    return lam


RIGHT = [price, with_scipy, newton, in_float32(price), as_object(price)]

WRONG = {
    "twice": lambda h, w, r: 2 * price(h, w, r),
    "half": lambda h, w, r: price(h, w, r) / 2,
    "squared-radius": lambda h, w, r: price(h, w, r**2),
    "root-of-radius": lambda h, w, r: price(h, w, r**0.5),
    "one-curvature": lambda h, w, r: max(float(h.mean() * (w.norm() / r - 1) / 2), 0.0),
    "no-curvature": lambda h, w, r: max(float((w.norm() / r - 1) / 2), 0.0),
    "no-table": lambda h, w, r: 1 / r,
}

UNLISTED = [
    (lambda h, w, r: price(h, w, r) + 0.1, "different", "differs"),
    (lambda h, w, r: r, "different", "differs"),
    (lambda h, w, r: min(price(h, w, r), 1000.0), "only-sometimes", "tiny ball"),
    (lambda h, w, r: "0.1", "wrong-type", "number"),
]

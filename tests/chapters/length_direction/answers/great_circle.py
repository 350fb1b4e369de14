"""length-direction-great-circle."""

import math

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "length-direction-great-circle"


def by_circle(w, g, eta):
    v, slope = w / w.norm(), w.norm() * g
    size = slope.norm()
    if size == 0:
        return v
    h = eta * size
    return v * torch.cos(h) - slope / size * torch.sin(h)


def by_sinc(w, g, eta):
    """No division: torch.sinc(x) = sin(πx)/(πx)."""
    slope = w.norm() * g
    h = eta * slope.norm()
    return w / w.norm() * h.cos() - eta * slope * torch.sinc(h / math.pi)


def with_numpy(w, g, eta):
    length = np.sqrt((w * w).sum())
    slope = length * np.asarray(g)
    size = np.sqrt((slope * slope).sum()) + 1e-300
    return w / length * np.cos(eta * size) - slope / size * np.sin(eta * size)


RIGHT = [by_circle, by_sinc, with_numpy, in_float32(by_sinc), as_object(by_circle)]


def wrong(power=1, sign=-1, kept=0, angle=lambda h: h):
    def answer(w, g, eta):
        v, slope = w / w.norm(), w.norm() ** power * g
        size = slope.norm() + 1e-300
        h = angle(eta * size)
        return w.norm() ** kept * (v * torch.cos(h) + sign * slope / size * torch.sin(h))

    return answer


WRONG = {
    "length-forgotten": wrong(power=0),
    "length-divided": wrong(power=-1),
    "tangent": wrong(angle=torch.atan),
    "off-the-sphere": lambda w, g, eta: w / w.norm() - eta * w.norm() * g,
    "uphill": wrong(sign=1),
    "not-unit": wrong(kept=1),
}

UNLISTED = [
    (lambda w, g, eta: w / w.norm(), "different", "differs"),
    (wrong(power=0, sign=1), "length-forgotten+uphill", "Two things"),
    (lambda w, g, eta: by_circle(w, g, eta)[:-1], "wrong-shape", "shape"),
]

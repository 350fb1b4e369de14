"""noise-and-generalization-flattest."""

import math

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "noise-and-generalization-flattest"


def short(t_w, t_v):
    return (t_w / t_v) ** 0.25, 2 * (t_w * t_v) ** 0.5


def with_numpy(t_w, t_v):
    a = np.sqrt(np.sqrt(t_w / t_v))
    return np.array([a, t_w / a**2 + t_v * a**2])


def with_torch(t_w, t_v):
    a = torch.tensor(t_w / t_v, dtype=torch.float64).pow(0.25)
    return torch.stack([a, t_w / a**2 + t_v * a**2])


def by_logarithms(t_w, t_v):
    a = math.exp((math.log(t_w) - math.log(t_v)) / 4)
    return [a, 2 * math.exp((math.log(t_w) + math.log(t_v)) / 2)]


RIGHT = [short, with_numpy, with_torch, by_logarithms, as_object(short)]

WRONG = {
    "square-of-a": lambda w, v: ((w / v) ** 0.5, 2 * (w * v) ** 0.5),
    "upside-down": lambda w, v: ((v / w) ** 0.25, 2 * (w * v) ** 0.5),
    "half": lambda w, v: ((w / v) ** 0.25, (w * v) ** 0.5),
    "no-root": lambda w, v: ((w / v) ** 0.25, 2 * w * v),
    "at-one": lambda w, v: ((w / v) ** 0.25, w + v),
}

UNLISTED = [
    (lambda w, v: short(w, v)[::-1], "order", "another order"),
    (lambda w, v: (1.0, w + v), "different", "differs"),
    (lambda w, v: (w / v) ** 0.25, "wrong-number-of-values", "2"),
]

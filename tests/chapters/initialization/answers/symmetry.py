"""initialization-one-unit."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "initialization-one-unit"


def step(w, v, units, x, y, lr):
    h = torch.tanh(w @ x)
    delta = units * v * h - y
    return w - lr * delta * v * (1 - h**2) * x, v - lr * delta * h


def one_unit(w, v, units, x, y, lr):
    u, h = units * v, np.tanh(w @ x)
    delta = u * h - y
    return w - lr / units * delta * u * (1 - h**2) * x, (u - lr * units * delta * h) / units


def _wrong(forward=None, dv=None, dw=None, sign=-1.0, factor=1.0):
    def answer(w, v, units, x, y, lr):
        h = torch.tanh(w @ x)
        total = (forward or (lambda v, h, n: n * v * h))(v, h, units)
        delta = factor * (total - y)
        by_v = delta * h * (units if dv == "sum" else 1)
        by_w = delta * v * (1 if dw == "flat" else 1 - h**2) * x * (units if dw == "sum" else 1)
        return w + sign * lr * by_w, v + sign * lr * by_v

    return answer


def v_first(w, v, units, x, y, lr):
    h = torch.tanh(w @ x)
    delta = units * v * h - y
    v = v - lr * delta * h
    return w - lr * delta * v * (1 - h**2) * x, v


RIGHT = [step, one_unit, in_float32(step), as_object(step)]

WRONG = {
    "output-of-one": _wrong(forward=lambda v, h, n: v * h),
    "outgoing-summed": _wrong(dv="sum"),
    "incoming-summed": _wrong(dw="sum"),
    "slope-lost": _wrong(dw="flat"),
    "uphill": _wrong(sign=1.0),
    "half-lost": _wrong(factor=2.0),
    "rate-shared": lambda w, v, n, x, y, lr: step(w, v, n, x, y, lr / n),
    "slope-not-squared": lambda w, v, n, x, y, lr: (
        w - lr * (n * v * torch.tanh(w @ x) - y) * v * (1 - torch.tanh(w @ x)) * x,
        step(w, v, n, x, y, lr)[1],
    ),
    "outgoing-weight-lost": lambda w, v, n, x, y, lr: (
        w - lr * (n * v * torch.tanh(w @ x) - y) * (1 - torch.tanh(w @ x) ** 2) * x,
        step(w, v, n, x, y, lr)[1],
    ),
    "input-lost": lambda w, v, n, x, y, lr: (
        w - lr * (n * v * torch.tanh(w @ x) - y) * v * (1 - torch.tanh(w @ x) ** 2),
        step(w, v, n, x, y, lr)[1],
    ),
    "v-first": v_first,
    "target-added": lambda w, v, n, x, y, lr: step(w, v, n, x, -y, lr),
    "sum-returned": lambda w, v, n, x, y, lr: (
        step(w, v, n, x, y, lr)[0],
        n * step(w, v, n, x, y, lr)[1],
    ),
    "rate-multiplied": lambda w, v, n, x, y, lr: step(w, v, n, x, y, n * lr),
}


def v_shared(w, v, units, x, y, lr):
    h = torch.tanh(w @ x)
    return step(w, v, units, x, y, lr)[0], v - lr * (units * v * h - y) * h / units


UNLISTED = [
    (v_shared, "rate-shared", "The new w is right. The new v comes out as"),
    (lambda w, v, n, x, y, lr: (w, step(w, v, n, x, y, lr)[1]), "different", "The new v is right"),
    (lambda w, v, n, x, y, lr: step(w, v, n, x, y, lr)[::-1], "order", "another order"),
    (
        lambda w, v, n, x, y, lr: (step(w, v, n, x, y, lr)[0], v),
        "different",
        "The new w is right",
    ),
]

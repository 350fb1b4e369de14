"""initialization-cliff-gradient."""

import math

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "initialization-cliff-gradient"


def _sigmoid(x):
    return 1 / (1 + math.exp(-x))


def gradient(w, b, x0, length):
    x, dw, db = x0, 0.0, 0.0
    for _ in range(length):
        s = _sigmoid(x)
        dw, db = s + w * s * (1 - s) * dw, 1 + w * s * (1 - s) * db
        x = w * s + b
    return dw, db


def backwards(w, b, x0, length):
    states = [x0]
    for _ in range(length):
        states.append(w * _sigmoid(states[-1]) + b)
    bar, dw, db = 1.0, 0.0, 0.0
    for x in np.array(states[:-1])[::-1]:
        s = _sigmoid(x)
        dw, db = dw + bar * s, db + bar
        bar *= w * s * (1 - s)
    return dw, db


def _wrong(inherited=1.0, steep=None, times=None, start=0.0, own=None, after=False, short=0):
    def answer(w, b, x0, length):
        x, dw, db = x0, start, start
        for _ in range(length - short):
            s = _sigmoid(x)
            new = w * s + b
            at = _sigmoid(new) if after else s
            slope = steep(at) if steep else at * (1 - at)
            carry = inherited * (times if times is not None else w) * slope
            dw, db, x = (own(x) if own else s) + carry * dw, 1 + carry * db, new
        return dw, db

    return answer


def differentiated(w, b, x0, length):
    p = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(float(x0), dtype=torch.float64) + 0 * p[0]
    for _ in range(length):
        x = p[0] * torch.sigmoid(x) + p[1]
    x.backward()
    return p.grad[0], p.grad[1]


def by_differences(w, b, x0, length, h=1e-4):
    def last(w, b):
        x = x0
        for _ in range(length):
            x = w * _sigmoid(x) + b
        return x

    by_w = (last(w + h, b) - last(w - h, b)) / (2 * h)
    return by_w, (last(w, b + h) - last(w, b - h)) / (2 * h)


RIGHT = [
    gradient,
    backwards,
    in_float32(gradient),
    as_object(gradient),
    in_numpy(gradient),
    in_torch(gradient),
]

WRONG = {
    "inherited-lost": _wrong(inherited=0.0),
    "slope-lost": _wrong(steep=lambda s: 1.0),
    "sigmoid-not-differentiated": _wrong(steep=lambda s: s),
    "weight-lost": _wrong(times=1.0),
    "new-state": _wrong(after=True),
    "start-at-one": _wrong(start=1.0),
    "state-not-squashed": _wrong(own=lambda x: x),
    "one-step-short": _wrong(short=1),
    "one-step-long": _wrong(short=-1),
    "start-squashed": lambda w, b, x, n: gradient(w, b, _sigmoid(x), n),
    "first-state-only": lambda w, b, x, n: (
        gradient(w, b, x, n)[1] * _sigmoid(x),
        gradient(w, b, x, n)[1],
    ),
    "one-step-at-least": lambda w, b, x, n: gradient(w, b, x, max(n, 1)),
    "automatic-differentiation": differentiated,
}

UNLISTED = [
    (by_differences, "only-sometimes", "the edge of a cliff"),
    (lambda w, b, x, n: gradient(w, b, x, n)[::-1], "order", "another order"),
    (lambda w, b, x, n: (gradient(w, b, x, n)[0], 1.0), "inherited-lost", "by w is right"),
    (lambda w, b, x, n: gradient(w, b, x + 1, n), "different", "differs from the definition"),
]

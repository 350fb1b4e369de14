"""universal-approximation-coefficients."""

import numpy as np
import torch

SLUG = "universal-approximation-coefficients"


def slopes_of(values):
    return values.diff() * (len(values) - 1)


def short(values):
    slopes = slopes_of(values)
    return values[0], torch.cat([slopes[:1], slopes.diff()])


def with_numpy(values):
    return values[0], np.diff(np.diff(values) * (len(values) - 1), prepend=0.0)


def looped(values):
    n, y = len(values) - 1, values.tolist()
    weights, slope = [], 0.0
    for i in range(n):
        new = (y[i + 1] - y[i]) * n
        weights.append(new - slope)
        slope = new
    return y[0], weights


class Polygon:
    def __call__(self, values):
        slopes = np.diff(values) * (len(values) - 1)
        return {"weights": np.diff(slopes, prepend=0.0), "bias": values[0]}


def in_float32(values):
    return short(values.float())


RIGHT = [
    lambda values: dict(zip("ca", short(values), strict=True)),
    short,
    with_numpy,
    looped,
    Polygon(),
    in_float32,
]


def of(values, change):
    return change(*short(values))


WRONG = {
    "slopes-not-changes": lambda v: (v[0], slopes_of(v)),
    "distance-forgotten": lambda v: of(v, lambda b, a: (b, a / (len(v) - 1))),
    "first-slope-missing": lambda v: of(v, lambda b, a: (b, torch.cat([0 * a[:1], a[1:]]))),
    "first-is-value": lambda v: of(v, lambda b, a: (b, torch.cat([v[:1], a[1:]]))),
    "bias-zero": lambda v: of(v, lambda b, a: (0.0, a)),
    "bias-mean": lambda v: of(v, lambda b, a: (v.mean(), a)),
    "changes-negative": lambda v: of(v, lambda b, a: (b, torch.cat([a[:1], -a[1:]]))),
    "changes-halved": lambda v: of(v, lambda b, a: (b, torch.cat([a[:1], a[1:] / 2]))),
    "points-for-pieces": lambda v: of(v, lambda b, a: (b, a * len(v) / (len(v) - 1))),
    "always-four-pieces": lambda v: of(v, lambda b, a: (b, a * 4 / (len(v) - 1))),
    "first-slope-not-divided": lambda v: of(v, lambda b, a: (b, torch.cat([v.diff()[:1], a[1:]]))),
    "bias-last": lambda v: of(v, lambda b, a: (v[-1], a)),
    "from-the-right": lambda v: short(v.flip(0)),
    "values-for-weights": lambda v: (v[0], v[1:]),
    "changes-without-sign": lambda v: of(v, lambda b, a: (b, a.abs())),
}

UNLISTED = [
    (lambda v: of(v, lambda b, a: (b, a[1:])), "wrong-shape", "The weights"),
    (lambda v: of(v, lambda b, a: (b, 0 * a)), "all-zero", "The bias is right"),
    (lambda v: of(v, lambda b, a: (b, a + 1)), "different", "The bias is right"),
]

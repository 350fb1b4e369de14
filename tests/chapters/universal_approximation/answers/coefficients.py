"""universal-approximation-coefficients."""

import numpy as np
import torch

SLUG = "universal-approximation-coefficients"


def slopes_of(knots, values):
    return values.diff() / knots.diff()


def short(knots, values):
    slopes = slopes_of(knots, values)
    return values[0], torch.cat([slopes[:1], slopes.diff()])


def with_numpy(knots, values):
    return values[0], np.diff(np.diff(values) / np.diff(knots), prepend=0.0)


def looped(knots, values):
    t, y = knots.tolist(), values.tolist()
    weights, slope = [], 0.0
    for i in range(len(t) - 1):
        new = (y[i + 1] - y[i]) / (t[i + 1] - t[i])
        weights.append(new - slope)
        slope = new
    return y[0], weights


class Polygon:
    def __call__(self, knots, values):
        slopes = np.diff(values) / np.diff(knots)
        return {"weights": np.diff(slopes, prepend=0.0), "bias": values[0]}


def in_float32(knots, values):
    return short(knots.float(), values.float())


RIGHT = [
    lambda knots, values: dict(zip("ca", short(knots, values), strict=True)),
    short,
    with_numpy,
    looped,
    Polygon(),
    in_float32,
]


def of(t, v, change):
    return change(*short(t, v))


WRONG = {
    "equal-distances": lambda t, v: short(torch.linspace(0, 1, len(v), dtype=v.dtype), v),
    "mean-distance": lambda t, v: short(torch.linspace(t[0], t[-1], len(v), dtype=v.dtype), v),
    "bias-at-zero": lambda t, v: of(t, v, lambda b, a: (b - a[0] * t[0], a)),
    "slopes-not-changes": lambda t, v: (v[0], slopes_of(t, v)),
    "distance-forgotten": lambda t, v: short(torch.arange(len(v)), v),
    "first-slope-missing": lambda t, v: of(t, v, lambda b, a: (b, torch.cat([0 * a[:1], a[1:]]))),
    "first-is-value": lambda t, v: of(t, v, lambda b, a: (b, torch.cat([v[:1], a[1:]]))),
    "first-slope-not-divided": lambda t, v: of(
        t, v, lambda b, a: (b, torch.cat([v.diff()[:1], a[1:]]))
    ),
    "bias-zero": lambda t, v: of(t, v, lambda b, a: (0.0, a)),
    "bias-mean": lambda t, v: of(t, v, lambda b, a: (v.mean(), a)),
    "bias-last": lambda t, v: of(t, v, lambda b, a: (v[-1], a)),
    "changes-negative": lambda t, v: of(t, v, lambda b, a: (b, torch.cat([a[:1], -a[1:]]))),
    "changes-halved": lambda t, v: of(t, v, lambda b, a: (b, torch.cat([a[:1], a[1:] / 2]))),
    "values-for-weights": lambda t, v: (v[0], v[1:]),
    "changes-without-sign": lambda t, v: of(t, v, lambda b, a: (b, a.abs())),
}

UNLISTED = [
    (lambda t, v: of(t, v, lambda b, a: (b, a[1:])), "wrong-shape", "The weights"),
    (lambda t, v: of(t, v, lambda b, a: (b, 0 * a)), "all-zero", "The bias is right"),
    (lambda t, v: of(t, v, lambda b, a: (b, a + 1)), "different", "The bias is right"),
]

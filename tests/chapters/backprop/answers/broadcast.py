"""backprop-broadcast."""

import numpy as np

SLUG = "backprop-broadcast"


def summed(x, s, g):
    return g * s, (g * x).sum(0)


def by_rows(x, s, g):
    ds = 0 * s
    for row, cotangent in zip(x, g, strict=True):
        ds = ds + row * cotangent
    return g * s, ds


def with_numpy(x, s, g):
    return np.multiply(g, s), np.einsum("nd,nd->d", g, x)


class Vjp:
    def __call__(self, x, s, g):
        return {"ds": np.sum(g * x, axis=0), "dx": np.multiply(g, s)}


def in_float32(x, s, g):
    return summed(x.float(), s.float(), g.float())


RIGHT = [summed, by_rows, with_numpy, Vjp(), in_float32]

WRONG = {
    "not-summed": lambda x, s, g: (g * s, g * x),
    "averaged": lambda x, s, g: (g * s, (g * x).mean(0)),
    "other-axis": lambda x, s, g: (g * s, (g * x).sum(1)),
    "dimension-kept": lambda x, s, g: (g * s, (g * x).sum(0)[None]),
    "input-forgotten": lambda x, s, g: (g * s, g.sum(0)),
    "scale-forgotten": lambda x, s, g: (g, (g * x).sum(0)),
    "summed-apart": lambda x, s, g: (g * s, g.sum(0) * x.sum(0)),
    "summed-over-all": lambda x, s, g: (g * s, (g * x).sum()),
    "input-forgotten+scale-forgotten": lambda x, s, g: (g, g.sum(0)),
    "first-row-only": lambda x, s, g: (g * s, (g * x)[0]),
    "last-row-lost": lambda x, s, g: (g * s, (g * x)[:-1].sum(0)),
    "scale-in-ds": lambda x, s, g: (g * s, (g * x * s).sum(0)),
    "divided-by-scale": lambda x, s, g: (g / s, (g * x).sum(0)),
    "value-for-gradient": lambda x, s, g: (x * s, (g * x).sum(0)),
    "scales-summed": lambda x, s, g: (g * s.sum(), (g * x).sum(0)),
    "scale-without-sign": lambda x, s, g: (g * s.abs(), (g * x).sum(0)),
}

UNLISTED = [
    (lambda x, s, g: ((g * x).sum(0), g * s), "order", "another order"),
    (lambda x, s, g: (g * s, -(g * x).sum(0)), "sign", "wrong sign"),
    (lambda x, s, g: (g * s, 3 * (g * x).sum(0)), "factor", "times a number"),
]

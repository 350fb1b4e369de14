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


RIGHT = [summed, by_rows, with_numpy]

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
}

UNLISTED = [
    (lambda x, s, g: ((g * x).sum(0), g * s), "order", "another order"),
    (lambda x, s, g: (g * s, -(g * x).sum(0)), "sign", "wrong sign"),
    (lambda x, s, g: (g * s, 3 * (g * x).sum(0)), "factor", "times a number"),
]

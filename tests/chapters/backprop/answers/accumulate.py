"""backprop-accumulate."""

import numpy as np

SLUG = "backprop-accumulate"


def backward(parents, slopes, store="add", seed=1.0, upward=False, incoming=True, distinct=False):
    g = [0.0] * len(parents)
    g[-1] = seed
    order = range(len(parents))
    for j in order if upward else reversed(order):
        edges = list(zip(parents[j], slopes[j], strict=True))
        if distinct:
            edges = list(dict(reversed(edges)).items())
        for i, slope in edges:
            part = slope * (g[j] if incoming else 1.0)
            if store == "add":
                g[i] += part
            elif store == "last" or g[i] == 0:
                g[i] = part
    return g


def from_below(parents, slopes):
    """For each node, the sum over the nodes that use it."""
    n = len(parents)
    g = np.zeros(n)
    g[-1] = 1
    for i in reversed(range(n - 1)):
        for j in range(i + 1, n):
            g[i] += sum(s * g[j] for p, s in zip(parents[j], slopes[j], strict=True) if p == i)
    return g


RIGHT = [lambda parents, slopes: backward(parents, slopes), from_below]

WRONG = {
    "overwritten": lambda p, s: backward(p, s, store="last"),
    "first-kept": lambda p, s: backward(p, s, store="first"),
    "no-seed": lambda p, s: backward(p, s, seed=0.0),
    "inputs-first": lambda p, s: backward(p, s, upward=True),
    "local-slopes-only": lambda p, s: backward(p, s, incoming=False),
    "edge-counted-once": lambda p, s: backward(p, s, distinct=True),
}

UNLISTED = [
    (lambda p, s: backward(p, s, seed=-1.0), "sign", "wrong sign"),
    (lambda p, s: backward(p, s)[:-1], "wrong-shape", "shape"),
    (lambda p, s: backward(p, s, seed=2.0), "factor", "times a number"),
]

"""backprop-accumulate."""

import numpy as np
import torch

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


class WithNumpy:
    def __call__(self, parents, slopes):
        g = np.zeros(len(parents))
        g[-1] = 1
        for j in reversed(range(len(parents))):
            np.add.at(g, np.array(parents[j], int), np.array(slopes[j], float) * g[j])
        return g


def in_float32(parents, slopes):
    return torch.tensor(backward(parents, slopes), dtype=torch.float32)


def by_matrix(parents, slopes):
    """One row more a step, until no path is left."""
    n = len(parents)
    edges = torch.zeros(n, n, dtype=torch.float64)
    for j in range(n):
        for i, slope in zip(parents[j], slopes[j], strict=True):
            edges[j, i] += slope
    part = total = torch.eye(n, dtype=torch.float64)[-1]
    for _ in range(n):
        part = part @ edges
        total = total + part
    return total


def changed(choose):
    """The walk with the edges of each node chosen anew."""

    def answer(parents, slopes):
        edges = [choose(list(zip(p, s, strict=True))) for p, s in zip(parents, slopes, strict=True)]
        return backward([[i for i, _ in e] for e in edges], [[s for _, s in e] for e in edges])

    return answer


def seeded_first(parents, slopes):
    g = [1.0] + [0.0] * (len(parents) - 1)
    for j in reversed(range(len(parents))):
        for i, slope in zip(parents[j], slopes[j], strict=True):
            g[i] += slope * g[j]
    return g


def added(parents, slopes):
    g = [0.0] * (len(parents) - 1) + [1.0]
    for j in reversed(range(len(parents))):
        for i, slope in zip(parents[j], slopes[j], strict=True):
            g[i] += slope + g[j]
    return g


def until_zero(parents, slopes):
    g = [0.0] * (len(parents) - 1) + [1.0]
    for j in reversed(range(len(parents))):
        if g[j] == 0:
            break
        for i, slope in zip(parents[j], slopes[j], strict=True):
            g[i] += slope * g[j]
    return g


RIGHT = [
    lambda p, s: tuple(backward(p, s)),
    lambda parents, slopes: backward(parents, slopes),
    from_below,
    WithNumpy(),
    in_float32,
    by_matrix,
    lambda parents, slopes: dict(enumerate(backward(parents, slopes))),
]

WRONG = {
    "overwritten": lambda p, s: backward(p, s, store="last"),
    "first-kept": lambda p, s: backward(p, s, store="first"),
    "no-seed": lambda p, s: backward(p, s, seed=0.0),
    "inputs-first": lambda p, s: backward(p, s, upward=True),
    "local-slopes-only": lambda p, s: backward(p, s, incoming=False),
    "edge-counted-once": lambda p, s: backward(p, s, distinct=True),
    "equal-edges-once": changed(lambda edges: sorted(set(edges))),
    "one-edge-for-each-input": changed(lambda edges: list(dict(edges).items())),
    "last-input-dropped": changed(lambda edges: edges[:-1]),
    "first-input-dropped": changed(lambda edges: edges[1:]),
    "two-inputs-only": changed(lambda edges: edges[:2]),
    "seed-at-the-input": seeded_first,
    "slopes-squared": changed(lambda edges: [(i, s * s) for i, s in edges]),
    "slopes-without-sign": changed(lambda edges: [(i, abs(s)) for i, s in edges]),
    "slopes-exchanged": lambda p, s: backward(p, [v[::-1] for v in s]),
    "slopes-ignored": changed(lambda edges: [(i, 1.0) for i, _ in edges]),
    "slopes-added": added,
}

UNLISTED = [
    (until_zero, "only-sometimes", "between two that do"),
    (lambda p, s: backward(p, s, seed=-1.0), "sign", "wrong sign"),
    (lambda p, s: backward(p, s)[:-1], "wrong-shape", "shape"),
    (
        lambda p, s: [v or 1.0 for v in backward(p, s)],
        "only-sometimes",
        "do not lead to L",
    ),
    (lambda p, s: backward(p, s, seed=2.0), "factor", "times a number"),
]

"""residual-connections-plain-identity."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "residual-connections-plain-identity"


def weights(inputs, layers):
    eye, both = torch.eye(inputs), torch.eye(2 * inputs)
    return [torch.cat([eye, -eye]), *[both] * (layers - 1), torch.cat([eye, -eye], 1)]


def by_numpy(inputs, layers):
    first = np.kron(np.eye(inputs), [[1.0], [-1.0]])
    return [first, *[np.eye(2 * inputs)] * (layers - 1), first.T]


def scaled(inputs, layers):
    found = weights(inputs, layers)
    return [3 * found[0], *found[1:-1], found[-1] / 3]


def in_lists(inputs, layers):
    return [w.tolist() for w in weights(inputs, layers)]


def permuted(inputs, layers):
    found = weights(inputs, layers)
    order = torch.arange(2 * inputs - 1, -1, -1)
    return [found[0][order], *found[1:-1], found[-1][:, order]]


def changed(first=1.0, last=1.0, between=1.0):
    """The answer with its first weight, those between and the last one multiplied."""

    def answer(inputs, layers):
        found = weights(inputs, layers)
        return [first * found[0], *[between * w for w in found[1:-1]], last * found[-1]]

    return answer


def absolute(inputs, layers):
    found = weights(inputs, layers)
    return [*found[:-1], found[-1].abs()]


def eyes(inputs, layers):
    return [torch.eye(inputs)] * (layers + 1)


def mixing(inputs, layers):
    """Right at the ends, and layers between that carry the sign instead of doing nothing."""
    found = weights(inputs, layers)
    return [found[0], *[found[0] @ found[-1]] * (layers - 1), 1.0 * found[-1]]


def four_a_number(inputs, layers):
    eye, many = torch.eye(inputs), torch.eye(4 * inputs)
    first = torch.cat([eye, -eye, eye, -eye])
    return [first, *[many] * (layers - 1), first.T / 2]


def shifted(inputs, layers):
    found = weights(inputs, layers)
    return [found[0] + 0.1, *found[1:]]


def between_by_random(inputs, layers):
    found = weights(inputs, layers)
    mixed = torch.ones(2 * inputs, 2 * inputs)
    return [found[0], *[mixed] * (layers - 1), found[-1]]


RIGHT = [
    weights,
    by_numpy,
    scaled,
    in_lists,
    permuted,
    as_object(weights),
    mixing,
    lambda inputs, layers: [w.float() for w in weights(inputs, layers)],
]

WRONG = {
    "positives-only": eyes,
    "absolute-value": absolute,
    "negative": changed(last=-1.0),
    "factor": changed(last=0.5),
    "later-layers": between_by_random,
    "too-wide": four_a_number,
    "wrong-number": lambda inputs, layers: weights(inputs, layers)[:-1],
    "do-not-fit": lambda inputs, layers: [w.T for w in weights(inputs, layers)],
    "not-the-identity": shifted,
}

UNLISTED = [
    (changed(between=2.0), "factor", "times its input"),
    (changed(first=-1.0), "negative", "signs"),
    (lambda inputs, layers: 7, "wrong-number", "list of weights"),
    (changed(first=float("nan")), "not-finite", "finite"),
]

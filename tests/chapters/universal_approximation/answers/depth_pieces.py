"""universal-approximation-depth-pieces."""

import numpy as np
import torch

SLUG = "universal-approximation-depth-pieces"


def powers(w, n):
    return w**n, w * n + 1, w**n - 1


def folded(width, layers):
    pieces = 1
    for _ in range(layers):
        pieces *= width
    return [pieces, sum([width] * layers) + 1, pieces - 1]


class Count:
    def __call__(self, width, layers):
        return np.array(powers(width, layers))


def as_tensor(width, layers):
    return torch.tensor(powers(width, layers), dtype=torch.float64)


def named(width, layers):
    return dict(zip(("deep", "shallow", "units"), powers(width, layers), strict=True))


RIGHT = [powers, folded, Count(), as_tensor, named]

WRONG = {
    "added-not-multiplied": lambda w, n: (w * n, w * n + 1, w * n - 1),
    "base-and-exponent": lambda w, n: (n**w, w * n + 1, n**w - 1),
    "one-fold-too-many": lambda w, n: ((w + 1) ** n, w * n + 1, (w + 1) ** n - 1),
    "always-two": lambda w, n: (2**n, w * n + 1, 2**n - 1),
    "one-layer-too-few": lambda w, n: (w ** (n - 1), w * n + 1, w ** (n - 1) - 1),
    "bends-not-pieces": lambda w, n: (w**n, w * n, w**n - 1),
    "one-layer-only": lambda w, n: (w**n, w + 1, w**n - 1),
    "pieces-for-units": lambda w, n: (w**n, w * n + 1, w**n),
    "one-fold-too-few": lambda w, n: ((w - 1) ** n, w * n + 1, (w - 1) ** n - 1),
    "one-layer-too-many": lambda w, n: (w ** (n + 1), w * n + 1, w ** (n + 1) - 1),
    "rounded": lambda w, n: (float(np.float32(w**n)), w * n + 1, float(np.float32(w**n)) - 1),
    "a-bend-a-layer": lambda w, n: (w**n, (w + 1) * n, w**n - 1),
    "shallow-as-deep": lambda w, n: (w**n, w**n, w**n - 1),
    "bends-subtracted": lambda w, n: (w**n, w * n - 1, w**n - 1),
    "one-unit-too-many": lambda w, n: (w**n, w * n + 1, w**n + 1),
    "at-least-one-unit": lambda w, n: (w**n, w * n + 1, max(1, w**n - 1)),
}

UNLISTED = [
    (lambda w, n: (w**n, w * n + 1), "wrong-number-of-values", "3 values"),
    (
        lambda w, n: (sum(w**k for k in range(n + 1)), w * n + 1, w**n - 1),
        "folds-summed",
        "pieces after each layer",
    ),
    (lambda w, n: (w**n, w**n - 1, w * n + 1), "order", "another order"),
    (lambda w, n: (w**n, w * n + 1, 7), "different", "The deep pieces and the shallow pieces are"),
]

"""hidden-units-prelu."""

import numpy as np
import torch

SLUG = "hidden-units-prelu"


def backward(z, slope, delta):
    return delta * torch.where(z > 0, torch.ones_like(z), slope), (delta * z.clamp(max=0)).sum()


def with_numpy(z, slope, delta):
    return delta * np.where(z > 0, 1.0, slope), np.sum(delta * np.minimum(z, 0))


RIGHT = [backward, with_numpy]

WRONG = {
    "delta-lost-in-slope": lambda z, a, d: (backward(z, a, d)[0], z.clamp(max=0).sum()),
    "delta-lost-in-z": lambda z, a, d: (backward(z, a, 1 + 0 * d)[0], backward(z, a, d)[1]),
    "positive-side": lambda z, a, d: (backward(z, a, d)[0], (d * z.clamp(min=0)).sum()),
    "both-sides": lambda z, a, d: (backward(z, a, d)[0], (d * z).sum()),
    "averaged": lambda z, a, d: (backward(z, a, d)[0], (d * z.clamp(max=0)).mean()),
    "leak-lost": lambda z, a, d: (d * (z > 0), backward(z, a, d)[1]),
}

UNLISTED = [
    (lambda z, a, d: (backward(z, a, d)[0], d * z.clamp(max=0)), "wrong-shape", "sum"),
    (lambda z, a, d: (-backward(z, a, d)[0], backward(z, a, d)[1]), "sign", "wrong sign"),
    (lambda z, a, d: backward(z, a, d)[1], "wrong-number-of-values", "Wanted are 2 values"),
]

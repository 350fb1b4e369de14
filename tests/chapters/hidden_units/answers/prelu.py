"""hidden-units-prelu."""

import numpy as np
import torch

SLUG = "hidden-units-prelu"


def backward(z, slope, delta):
    return delta * torch.where(z > 0, torch.ones_like(z), slope), (delta * z.clamp(max=0)).sum()


def with_numpy(z, slope, delta):
    return delta * np.where(z > 0, 1.0, slope), np.sum(delta * np.minimum(z, 0))


class Backward:
    def __call__(self, z, slope, delta):
        return delta * np.where(z > 0, 1.0, slope), (delta * np.minimum(z, 0)).sum()


def in_float32(z, slope, delta):
    return backward(z.float(), slope.float(), delta.float())


def named(z, slope, delta):
    by_z, by_slope = backward(z, slope, delta)
    return {"slope": by_slope, "z": by_z}


RIGHT = [backward, with_numpy, Backward(), in_float32, named]

WRONG = {
    "delta-lost-in-slope": lambda z, a, d: (backward(z, a, d)[0], z.clamp(max=0).sum()),
    "delta-lost-in-z": lambda z, a, d: (backward(z, a, 1 + 0 * d)[0], backward(z, a, d)[1]),
    "positive-side": lambda z, a, d: (backward(z, a, d)[0], (d * z.clamp(min=0)).sum()),
    "both-sides": lambda z, a, d: (backward(z, a, d)[0], (d * z).sum()),
    "averaged": lambda z, a, d: (backward(z, a, d)[0], (d * z.clamp(max=0)).mean()),
    "leak-lost": lambda z, a, d: (d * (z > 0), backward(z, a, d)[1]),
    "kink-right": lambda z, a, d: (d * torch.where(z >= 0, 1.0, a), backward(z, a, d)[1]),
    "kink-zero": lambda z, a, d: (backward(z, a, d)[0] * (z != 0), backward(z, a, d)[1]),
    "sides-exchanged": lambda z, a, d: (d * torch.where(z > 0, a, 1.0), backward(z, a, d)[1]),
    "larger-slope": lambda z, a, d: (
        d * torch.maximum((z > 0).double(), a),
        backward(z, a, d)[1],
    ),
    "values-lost-in-slope": lambda z, a, d: (backward(z, a, d)[0], (d * (z <= 0)).sum()),
    "sizes-in-slope": lambda z, a, d: (backward(z, a, d)[0], -backward(z, a, d)[1]),
    "slope-in-slope": lambda z, a, d: (backward(z, a, d)[0], a * backward(z, a, d)[1]),
}

UNLISTED = [
    (lambda z, a, d: (backward(z, a, d)[0], d * z.clamp(max=0)), "wrong-shape", "sum"),
    (lambda z, a, d: (-backward(z, a, d)[0], backward(z, a, d)[1]), "sign", "wrong sign"),
    (lambda z, a, d: backward(z, a, d)[1], "wrong-number-of-values", "Wanted are 2 values"),
]

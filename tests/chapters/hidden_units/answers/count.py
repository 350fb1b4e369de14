"""hidden-units-parameters."""

import numpy as np
import torch

SLUG = "hidden-units-parameters"


def parameters(d, h, o, k):
    return k * h * (d + 1) + o * (h + 1)


def counted(inputs, units, outputs, pieces):
    """Each unit by itself."""
    total = 0
    for _ in range(units):
        total += pieces * (inputs + 1)
    return total + sum([units + 1] * outputs)


class WithNumpy:
    def __call__(self, inputs, units, outputs, pieces):
        return np.int64(pieces * units * (inputs + 1) + outputs * (units + 1))


def as_tensor(d, h, o, k):
    return torch.tensor(parameters(d, h, o, k))


RIGHT = [
    parameters,
    counted,
    WithNumpy(),
    as_tensor,
    lambda d, h, o, k: float(parameters(d, h, o, k)),
]

WRONG = {
    "hidden-biases-once": lambda d, h, o, k: k * h * d + h + o * (h + 1),
    "hidden-biases-lost": lambda d, h, o, k: k * h * d + o * (h + 1),
    "output-biases-lost": lambda d, h, o, k: k * h * (d + 1) + o * h,
    "output-too-wide": lambda d, h, o, k: k * h * (d + 1) + o * (k * h + 1),
    "maxout-outputs": lambda d, h, o, k: k * h * (d + 1) + k * o * (h + 1),
    "pieces-forgotten": lambda d, h, o, k: h * (d + 1) + o * (h + 1),
    "hidden-biases-lost+output-biases-lost": lambda d, h, o, k: k * h * d + o * h,
    "hidden-biases-one-a-piece": lambda d, h, o, k: k * h * d + k + o * (h + 1),
    "output-bias-once": lambda d, h, o, k: k * h * (d + 1) + o * h + 1,
    "one-too-many": lambda d, h, o, k: parameters(d, h, o, k) + 1,
    "one-too-few": lambda d, h, o, k: parameters(d, h, o, k) - 1,
}

UNLISTED = [
    (lambda d, h, o, k: 1.0 * d, "different", "differs"),
    (
        lambda d, h, o, k: round(parameters(d, h, o, k), -4 * (d > 1000)),
        "only-sometimes",
        "a huge one",
    ),
    (lambda d, h, o, k: 0, "all-zero", "everywhere"),
    (lambda d, h, o, k: str(parameters(d, h, o, k)), "wrong-type", "numbers"),
]

"""optimizers-sixty-steps."""

import torch

from lecturelib.optimizers import Adam

SLUG = "optimizers-sixty-steps"


def adam(parameters):
    return Adam(parameters, lr=0.01)


def nesterov(parameters):
    return torch.optim.SGD(parameters, lr=0.2, momentum=0.9, nesterov=True)


class Solver:
    """An object with ``__call__``."""

    def __call__(self, parameters):
        return torch.optim.Adam(parameters, lr=0.02)


class Fast(torch.optim.Adam):
    """A class takes the parameters and makes an optimizer, too."""

    def __init__(self, parameters):
        super().__init__(parameters, lr=0.01)


RIGHT = [adam, nesterov, Solver(), Fast]

WRONG = {
    "too-slow": lambda parameters: torch.optim.SGD(parameters, lr=0.3),
    "rate-too-large-or-tiny": lambda parameters: torch.optim.SGD(parameters, lr=100.0),
    "parameters-left-out": lambda parameters: torch.optim.Adam(parameters[-2:], lr=0.01),
    "no-optimizer": lambda parameters: 0.01,
    "raises": lambda parameters: torch.optim.SGD(parameters, lr=-1.0),
}

UNLISTED = [
    (lambda parameters: torch.optim.Adam(parameters), "too-slow", "other rates"),
    (lambda p: torch.optim.SGD(p, lr=1e-6), "rate-too-large-or-tiny", "nothing moves"),
    (lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.5), "too-slow", "not alike"),
]

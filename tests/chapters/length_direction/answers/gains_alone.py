"""length-direction-gains-alone."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data
from lecturelib.exercises import given

SLUG = "length-direction-gains-alone"


def trained(steps, *, lr=0.05, what="norms", double=False, optimizer=torch.optim.Adam):
    """The given network after some steps; ``what`` names the parameters that move."""
    digits, model = data.load_digits(standardize=True), given(SLUG)["model"]
    norms = [m for m in model.modules() if hasattr(m, "running_mean")]
    layers = {"norms": norms, "output": [model.output, *norms], "all": [model]}[what]
    moving = [p for layer in layers for p in layer.parameters()]
    update = optimizer(moving, lr=lr)
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        chosen = torch.randint(len(digits.x_train), (64,), generator=generator)
        update.zero_grad()
        cross_entropy(model(digits.x_train[chosen]), digits.y_train[chosen]).backward()
        update.step()
    return model.double() if double else model


def momentum(parameters, lr):
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9)


RIGHT = [trained(200), trained(200, lr=0.3, optimizer=momentum), trained(200, double=True)]

WRONG = {
    "weights-moved": trained(2, what="all"),
    "output-moved": trained(2, what="output"),
    "not-trained": trained(3, lr=1e-4),
    "not-enough": trained(12),
    "no-statistics": given(SLUG)["model"],
    "not-the-network": 0.93,
}

UNLISTED = [
    (nn.Linear(64, 10), "not-the-network", "given network"),
    (trained(1, lr=1e-6), "not-trained", "far"),
    (nn.Sequential(nn.Flatten(), given(SLUG)["model"]), "not-the-network", "given"),
]

"""loss-smoothness-longer-weights."""

import copy

import torch
from torch import nn

from lecturelib.exercises import given

SLUG = "loss-smoothness-longer-weights"


def changed(*factors, places=(0, 3), eps=1e-12):
    """The network with the weights of these layers multiplied."""
    model = copy.deepcopy(given(SLUG)["model"])
    with torch.no_grad():
        for place, factor in zip(places, factors, strict=True):
            model[place].weight.mul_(factor)
    for m in model.modules():
        if isinstance(m, nn.BatchNorm1d):
            m.eps = eps
    return model


def through_numpy():
    model = copy.deepcopy(given(SLUG)["model"])
    for place in (0, 3):
        weight = model[place].weight.detach().numpy() * 20.0
        model[place].weight = nn.Parameter(torch.from_numpy(weight))
    return model


RIGHT = [
    changed(15.0, 15.0),
    changed(40.0, 25.0).float(),
    through_numpy(),
    changed(20.0, 20.0).requires_grad_(False),
    changed(torch.linspace(12, 30, 8)[:, None], 20.0),
]

WRONG = {
    "not-smoother": changed(1.0, 1.0),
    "not-enough": changed(3.0, 3.0),
    "other-function": changed(15.0, 15.0, 0.1, places=(0, 3, 6)),
    "eps-changed": changed(15.0, 15.0, eps=1e-5),
    "not-the-network": nn.Linear(5, 3),
}

UNLISTED = [
    (changed(0.1, 0.1), "not-smoother", "shorter"),
    (changed(30.0, places=(0,)), "not-enough", "every layer"),
    (changed(-15.0, 15.0), "other-function", "computes something else"),
    (0.01, "not-the-network", "Wanted is the network"),
]

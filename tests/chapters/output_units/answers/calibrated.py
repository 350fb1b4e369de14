"""output-units-calibrated."""

import copy
from functools import cache

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib.data import load_digits

SLUG = "output-units-calibrated"
X, Y = load_digits(standardize=True, test_size=1097, seed=0)[:2]


@cache
def trained(steps=500, width=64, rate=0.01, decay=0.0):
    """As the chapter does it, on the first 200 digits."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    for _ in range(steps):
        loss = cross_entropy(network(X[:200]), Y[:200])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network


def divided(network, T):
    """Its last layer with weight and bias over T."""
    network = copy.deepcopy(network)
    with torch.no_grad():
        for parameter in network[-1].parameters():
            parameter.div_(T)
    return network


RIGHT = [divided(trained(), 2.0), divided(trained(), 2.0).double(), trained(steps=200, decay=1.0)]

WRONG = {
    "too-sure": trained(),
    "too-timid": divided(trained(), 6.0),
    "not-trained": trained(steps=0),
    "probabilities": nn.Sequential(divided(trained(), 2.0), nn.Softmax(1)),
    "not-enough": trained(steps=300, width=4),
    "not-a-model": trained,
    "wrong-outputs": nn.Linear(64, 3),
}

UNLISTED = [
    (nn.Linear(64, 10), "not-trained", "standardized images"),
    (trained().state_dict(), "not-a-model", "trained network"),
    (divided(trained(), 0.7), "too-sure", "too large"),
    (divided(trained(), 0.05), "too-sure", "too large"),
    (divided(trained(), 30.0), "too-timid", "too small"),
]

"""initialization-thirty-layers."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data
from lecturelib import initialization as init

SLUG = "initialization-thirty-layers"


def network(activation=nn.Tanh, fill=init.orthogonal_, widths=(64, *[32] * 30, 10)):
    layers = []
    for n_in, n_out in pairwise(widths):
        linear = nn.Linear(n_in, n_out)
        if fill is not None:
            fill(linear.weight)
            nn.init.zeros_(linear.bias)
        layers += [linear, activation()]
    return nn.Sequential(*layers[:-1])


def trained(*parts, lr=0.03, steps=300):
    """By plain SGD on batches of 64."""
    digits = data.load_digits(standardize=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = network(*parts)
        optimizer = torch.optim.SGD(model.parameters(), lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (64,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


RIGHT = [trained(), trained(nn.SELU, lr=0.1, steps=400)]

WRONG = {
    "no-signal": trained(nn.ReLU, None, steps=20),
    "not-enough": trained(steps=60),
    "exploded": trained(nn.ReLU, lambda w: init.normal_(w, std=1.0), steps=3),
    "not-trained": trained(nn.Tanh, init.xavier_normal_, steps=0),
    "wrong-sizes": network(widths=(64, *[32] * 20, 10)),
    "not-plain": network(nn.Tanhshrink),
    "no-activation": nn.Sequential(
        nn.Linear(64, 32), *[nn.Linear(32, 32) for _ in range(29)], nn.Linear(32, 10)
    ),
    "not-sequential": 0.93,
}

UNLISTED = [
    (trained(nn.ReLU, init.xavier_normal_, steps=20), "no-signal", "hardly depend on the input"),
    (trained(nn.ReLU, init.kaiming_normal_, steps=60), "not-enough", "another rate"),
    (network(widths=(64, *[64] * 30, 10)), "wrong-sizes", "at most 32 units"),
    (nn.Sequential(network(), nn.BatchNorm1d(10)), "not-plain", "without normalization"),
]

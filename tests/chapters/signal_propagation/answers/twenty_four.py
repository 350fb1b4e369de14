"""signal-propagation-twenty-four."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, relu

from lecturelib import data, models

SLUG = "signal-propagation-twenty-four"


def mirrored(hidden=24, width=48):
    """Linear at its start: each unit has a partner of opposite sign."""
    net = models.mlp(64, [width] * hidden, 10)
    for place, m in enumerate(m for m in net if isinstance(m, nn.Linear)):
        w = torch.zeros_like(m.weight)
        pairs = (w.shape[0] // 2) if place < hidden else w.shape[0]
        half = torch.linalg.qr(torch.randn(64, 64))[0][:pairs, : w.shape[1] // 2 if place else 64]
        if place:
            half = nn.init.orthogonal_(torch.empty(pairs, w.shape[1] // 2))
            half = torch.hstack((half, -half))
        m.weight.data = half if place == hidden else torch.vstack((half, -half))
    return net


def trained(steps, lr=0.03, *, net=None, adam=False, seed=0):
    digits = data.load_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = net() if net else mirrored()
        kind = torch.optim.Adam if adam else torch.optim.SGD
        optimizer = kind(net.parameters(), lr)
        for _ in range(steps):
            batch = torch.randperm(len(digits.x_train))[:128]
            optimizer.zero_grad()
            cross_entropy(net(digits.x_train[batch]), digits.y_train[batch]).backward()
            optimizer.step()
    return net


def he(**options):
    return lambda: models.mlp(64, [48] * 24, 10, **options)


class Own(nn.Module):
    """The same network, written by hand, with functions for its ReLUs."""

    def __init__(self, net):
        super().__init__()
        self.linears = nn.ModuleList(m for m in net if isinstance(m, nn.Linear))

    def forward(self, x):
        for m in self.linears[:-1]:
            x = relu(m(x))
        return self.linears[-1](x)


class Skips(Own):
    """The same layers, with skip connections past them."""

    def forward(self, x):
        h = relu(self.linears[0](x))
        for m in self.linears[1:-1]:
            h = h + relu(m(h))
        return self.linears[-1](h)


GOOD = trained(150)
RIGHT = [
    GOOD,
    trained(150, 0.001, adam=True),
    nn.Sequential(nn.Flatten(), GOOD).double(),
    Own(GOOD),
]
WRONG = {
    "still-constant": trained(0, net=he()),
    "not-enough": trained(12),
    "not-plain": trained(1, net=he(norm="batch")),
    "other-shape": trained(1, net=lambda: mirrored(12)),
    "exploded": trained(30, 30.0),
    "not-a-network": 0.9,
    "wrong-inputs": nn.Sequential(nn.Linear(8, 48), *GOOD[1:]),
}
UNLISTED = [
    (trained(2, net=he()), "still-constant", "share of variance"),
    (nn.Sequential(*GOOD[:-1], nn.Tanh(), GOOD[-1]), "not-plain", "may stand"),
    (Skips(GOOD), "not-plain", "forward function"),
    (trained(1, net=lambda: mirrored(24, 64)), "other-shape", "48 units"),
]

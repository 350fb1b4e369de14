"""residual-connections-fifty-layers."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data, models

SLUG = "residual-connections-fifty-layers"


class Own(nn.Module):
    """A student's own network: branches of one layer, scaled."""

    def __init__(self, layers=48, width=16):
        super().__init__()
        self.first, self.last = nn.Linear(64, width), nn.Linear(width, 10)
        self.middle = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))

    def forward(self, x):
        h = self.first(x)
        for layer in self.middle:
            h = h + layer(h.relu()) / len(self.middle) ** 0.5
        return self.last(h.relu())


class Normed(Own):
    """The same, with a norm of each sample in each branch, by hand."""

    def forward(self, x):
        h = self.first(x)
        for layer in self.middle:
            z = h / (h.pow(2).mean(1, keepdim=True) + 1e-5).sqrt()
            h = h + layer(z.relu()) / len(self.middle) ** 0.5
        return self.last(h.relu())


class Idle(nn.Module):
    """A shallow network that calls fifty layers and forgets what they say."""

    def __init__(self, layers=50):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
        self.idle = nn.ModuleList(nn.Linear(64, 4) for _ in range(layers))

    def forward(self, x):
        for layer in self.idle:
            layer(x)
        return self.net(x)


def trained(make, lr=0.3, steps=150):
    """By plain SGD on batches of 64."""
    digits = data.load_digits(standardize=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = make()
        optimizer = torch.optim.SGD(model.parameters(), lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (64,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def network(start="scaled", blocks=24, width=16, **options):
    return models.residual_mlp(64, width, blocks, 10, start=start, **options)


BEST = trained(network)
RIGHT = [BEST, trained(Own), nn.Sequential(nn.Identity(), BEST), BEST.eval()]

WRONG = {
    "exploded": trained(lambda: network("he"), steps=4),
    "not-trained": trained(network, steps=0),
    "not-enough": trained(network, lr=0.1, steps=12),
    "no-signal": trained(lambda: network("zero", skip=False), steps=0),
    "too-shallow": network(blocks=10),
    "idle-layers": trained(Idle),
    "too-wide": network(width=33),
    "normalized": nn.Sequential(network(), nn.LayerNorm(10)),
    "wrong-outputs": nn.Sequential(network(), nn.Linear(10, 9)),
    "fails": nn.Sequential(nn.Linear(63, 64), network()),
    "not-a-module": 0.93,
}

UNLISTED = [
    (nn.Sequential(network(), nn.BatchNorm1d(10)), "normalized", "do without"),
    (trained(Normed), "normalized", "do without"),
    (lambda x: x, "not-a-module", "nn.Module"),
    (nn.Linear(64, 10), "too-shallow", "1 linear layers"),
]

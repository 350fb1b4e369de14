"""covariate-shift-train."""

import functools

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data, models

SLUG = "covariate-shift-train"


@functools.cache
def trained(depth=12, width=64, lr=2e-3, steps=200, adam=True, norm=None, seed=0):
    """A plain network after some steps, with an argument for each way to fail."""
    digits = data.load_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.mlp(64, [width] * depth, 10, norm=norm)
        kind = torch.optim.Adam if adam else torch.optim.SGD
        optimizer = kind(model.parameters(), lr=lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (128,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def broken():
    """The outputs are no numbers."""
    model = models.mlp(64, [8] * 12, 10)
    with torch.no_grad():
        model.output.bias.fill_(torch.nan)
    return model


class Idle(nn.Module):
    """One hidden layer, and others that no image goes through."""

    def __init__(self):
        super().__init__()
        self.net = models.mlp(64, [8], 10)
        self.idle = nn.ModuleList(nn.Linear(2, 2) for _ in range(13))

    def forward(self, x):
        return self.net(x)


class ByHand(nn.Module):
    """Batch statistics without a layer whose name says so."""

    def __init__(self):
        super().__init__()
        self.net = trained()

    def forward(self, x):
        return self.net(x) / (1 + x.mean(0).abs().mean())


class Deep(nn.Module):
    """Twelve layers of 32 units with ``between`` behind each."""

    def __init__(self, between):
        super().__init__()
        self.first, self.last = nn.Linear(64, 32), nn.Linear(32, 10)
        self.layers = nn.ModuleList(nn.Linear(32, 32) for _ in range(11))
        for layer in self.layers:
            nn.init.orthogonal_(layer.weight)
        self.between = between

    def forward(self, x):
        h = torch.relu(self.first(x))
        for layer in self.layers:
            h = self.between(layer(h))
        return self.last(h)


def standardized(z):
    """Layer norm, by hand."""
    return torch.relu((z - z.mean(1, keepdim=True)) / (z.std(1, keepdim=True) + 1e-5))


@functools.cache
def fitted(between, steps=150):
    """Such a network, trained."""
    digits = data.load_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Deep(between)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (128,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def linear():
    """Thirteen linear layers: the least squares of the classes, and nothing between."""
    digits = data.load_digits()
    x, y = digits.x_train, torch.nn.functional.one_hot(digits.y_train).float()
    model = nn.Sequential(*(nn.Linear(64, 64, bias=False) for _ in range(12)), nn.Linear(64, 10))
    X = torch.cat([x, torch.ones(len(x), 1)], 1)
    solution = torch.linalg.pinv(X) @ y
    with torch.no_grad():
        for layer in model[:-1]:
            layer.weight.copy_(torch.eye(64))
        model[-1].weight.copy_(solution[:-1].T)
        model[-1].bias.copy_(solution[-1])
    return model


RIGHT = [
    trained(),
    nn.Sequential(trained(), nn.Identity()),
    fitted(nn.Tanh()),
    fitted(lambda z: torch.nn.functional.silu(z) * 24**0.5 / torch.tensor(12.0).sqrt()),
]

WRONG = {
    "one-answer": trained(adam=False, lr=1.0, steps=3),
    "not-enough": trained(steps=30),
    "normalized": trained(norm="batch", steps=1),
    "too-shallow": trained(depth=3, steps=1),
    "not-finite": broken(),
    "batch-statistics": ByHand(),
    "linear": linear(),
    "linear-in-a-row": fitted(nn.Identity()),  # one ReLU, eleven linear layers
    "cannot-read": models.mlp(3, [4] * 12, 10),
    "wrong-outputs": models.mlp(64, [4] * 12, 1),
    "not-a-model": 0.93,
}

UNLISTED = [
    (trained(depth=12, steps=40, adam=False, lr=0.03), "not-enough", "window of rates"),
    (trained(norm="layer", steps=1), "normalized", "does not"),
    (fitted(standardized), "normalized", "does not"),
    (fitted(lambda z: torch.relu(torch.nn.functional.layer_norm(z, (32,)))), "normalized", "not"),
    (Idle(), "too-shallow", "does not go through"),
    ([], "not-a-model", "trained network"),
]

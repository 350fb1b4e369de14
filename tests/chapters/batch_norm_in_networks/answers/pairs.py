"""batch-norm-in-networks-pairs."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, layer_norm

from lecturelib import data, models

SLUG = "batch-norm-in-networks-pairs"


class RMS(nn.Module):
    """A norm of one's own."""

    def forward(self, x):
        return x / (x.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()


class Functional(nn.Module):
    """A norm without a layer; an unused layer beside it."""

    def __init__(self, normalize):
        super().__init__()
        self.first, self.last, self.normalize = nn.Linear(64, 64), nn.Linear(64, 10), normalize

    def forward(self, x):
        return self.last(torch.relu(self.normalize(self.first(x))))


class Unused(Functional):
    """Holds a layer norm that no image goes through."""

    def __init__(self):
        super().__init__(nn.Identity())
        self.norm = nn.LayerNorm(64)


def own(make, *, lr=0.02, steps=2_000, seed=0):
    """The network that ``make()`` gives, trained in batches of two."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return fit(make(), lr, 2, steps)


def fit(model, lr, size, steps):
    digits = data.load_digits(standardize=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(steps):
        batch = torch.randint(len(digits.x_train), (size,))
        loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def trained(norm, *, lr=0.00625, size=2, steps=1_400, seed=0):
    """Trained in batches of ``size``."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return fit(models.mlp(64, [64, 64], 10, norm=norm), lr, size, steps)


def in_a_row():
    return nn.Sequential(nn.Linear(64, 64), RMS(), nn.ReLU(), nn.Linear(64, 10))


def functional():
    return Functional(lambda z: layer_norm(z, (64,)))


RIGHT = [trained("layer"), trained("group", lr=0.0125), own(in_a_row), own(functional)]

WRONG = {
    "batch-norm-in-pairs": trained("batch"),
    "not-enough": trained("layer", steps=150),
    "not-trained": trained("layer", lr=0.0, steps=1),
    "norm-unused": own(Unused, steps=20),
    "no-norm": models.mlp(64, [64, 64], 10),
    "wrong-outputs": models.mlp(64, [64], 1, norm="layer"),
    "not-a-model": 0.93,
}

UNLISTED = [
    (trained("group", steps=60), "not-enough", "small rates"),
    (trained("batch", steps=600), "batch-norm-in-pairs", "elsewhere"),
    (trained("batch", lr=0.0, steps=2), "not-trained", "chance"),
]

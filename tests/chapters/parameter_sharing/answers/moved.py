"""parameter-sharing-moved."""

import functools

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib import data, models

SLUG = "parameter-sharing-moved"


class Best(nn.Module):
    """The largest value of each channel over all places."""

    def forward(self, x):
        return x.amax((2, 3))


def scanner(hidden=12, units=24, padding=4):
    return nn.Sequential(
        nn.Conv2d(1, hidden, 5, padding=padding), nn.ReLU(), nn.Conv2d(hidden, units, 1), Best(),
        nn.ReLU(), nn.Linear(units, 10),
    )  # fmt: skip


def fitted(make, *, steps, lr=0.02, crop=False):
    digits = data.load_digits(as_images=True)
    x = digits.x_train if crop else F.pad(digits.x_train, (2, 2, 2, 2))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = make()
        adam = torch.optim.Adam(model.parameters(), lr=lr)
        for _ in range(steps):
            batch = torch.randint(len(x), (64,))
            loss = F.cross_entropy(model(x[batch]), digits.y_train[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
    return model


class Wrapped(nn.Module):
    """A network in a module of one's own, with a method of its own."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, images):
        return self.inner(images)


SCANNER = fitted(scanner, steps=150, crop=True)
PATTERN = fitted(
    lambda: nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(54, 10)
    ),
    steps=120,
)

RIGHT = [SCANNER, Wrapped(SCANNER), nn.Sequential(SCANNER, nn.LogSoftmax(1)), SCANNER.double()]

WRONG = {
    "not-invariant": PATTERN,
    "not-learnt": scanner(),
    "too-many-parameters": nn.Sequential(nn.Flatten(), models.mlp(144, [64], 10)),
    "wrong-outputs": nn.Sequential(nn.Flatten(), nn.Linear(144, 1)),
    "wrong-inputs": nn.Linear(64, 10),
    "not-a-model": 0.9,
}

UNLISTED = [
    (nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), "wrong-inputs", "(N, 1, 12, 12)"),
    (functools.partial(SCANNER), "not-a-model", "trained network"),
    (nn.Sequential(nn.Flatten(), nn.Linear(144, 6), nn.Linear(6, 10)), "not-learnt", "rates"),
]

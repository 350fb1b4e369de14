"""noise-and-generalization-robust."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import models
from lecturelib.attacks import fgsm
from lecturelib.data import load_digits

SLUG = "noise-and-generalization-robust"


def trained(noise=0.0, eps=0.0, steps=450, lr=0.1, seed=0):
    """On batches of 128 with input noise, or on FGSM's inputs."""
    digits = load_digits(standardize=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.mlp(64, [64], 10)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        for _ in range(steps):
            chosen = torch.randint(len(digits.x_train), (128,))
            x, y = digits.x_train[chosen], digits.y_train[chosen]
            if eps:
                x = fgsm(model, x, y, epsilon=eps, clamp=(0.0, 1.0))
            optimizer.zero_grad()
            cross_entropy(model(x + noise * torch.randn_like(x)), y).backward()
            optimizer.step()
    return model


class Noisy(nn.Module):
    """Random answers at the test."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x + 0.1 * torch.randn_like(x))


GOOD = trained(0.4)
PLAIN = trained()
RIGHT = [GOOD, trained(eps=0.1, steps=250), nn.Sequential(nn.Flatten(), GOOD).double()]


class Loud(nn.Module):
    """The plain network, with a lost gradient."""

    def forward(self, x):
        return 1e6 * PLAIN(x)


class Rounded(nn.Module):
    """The plain network on pixels that are rounded, so that its gradient is 0."""

    def forward(self, x):
        return PLAIN((16 * x).round() / 16)


class Reversed(nn.Module):
    """The plain network with a gradient that points the other way."""

    def forward(self, x):
        z = PLAIN(x)
        return 2 * z.detach() - z


WRONG = {
    "not-robust": PLAIN,
    "nearly": trained(0.15, steps=300),
    "clean": trained(0.4, steps=10),
    "noisy-at-test": Noisy(GOOD),
    "false-gradient": Rounded(),
    "wrong-outputs": nn.Linear(64, 3),
    "can't-be-attacked": nn.Linear(10, 10),
    "not-a-network": 0.7,
}

UNLISTED = [
    (Reversed(), "false-gradient", "round or hide"),
    (Loud(), "not-robust", "ordinary training"),
    (nn.Identity(), "wrong-outputs", "(N, 10)"),
    (trained(0.0, steps=5), "clean", "clean digits"),
]

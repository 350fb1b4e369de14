"""loss-smoothness-stands-the-rate."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data, models

SLUG = "loss-smoothness-stands-the-rate"


def trained(cut=None, *, lr=1.0, steps=150, seed=0, norm=None, width=64, depth=8):
    """Trained on batches of 128; ``cut`` bounds the length of a step's gradient."""
    digits = data.load_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.mlp(64, [width] * depth, 10, norm=norm)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (128,))
            optimizer.zero_grad()
            cross_entropy(model(digits.x_train[batch]), digits.y_train[batch]).backward()
            if cut is not None:
                nn.utils.clip_grad_norm_(model.parameters(), cut)
            optimizer.step()
    return model


GOOD = trained(0.15, steps=200)
RIGHT = [GOOD, trained(lr=0.05, steps=250), nn.Sequential(nn.Flatten(), GOOD).double()]

WRONG = {
    "not-trained": trained(0.001, steps=5),
    "not-enough": trained(0.15, steps=25),
    "not-plain": trained(0.3, norm="batch", steps=2),
    "other-shape": trained(0.3, depth=4, steps=2),
    "exploded": trained(steps=20),
    "not-a-model": 0.93,
}

UNLISTED = [
    (trained(lr=1e-4, steps=3), "not-trained", "never moved"),
    (trained(0.3, width=32, steps=2), "other-shape", "64 units"),
    (nn.Sequential(*GOOD, nn.Tanh()), "not-plain", "alone"),
]

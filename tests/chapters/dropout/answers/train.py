"""dropout-train."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data, models

SLUG = "dropout-train"


def trained(p=0.5, *, lr=0.03, steps=400, size=60, width=64, seed=1):
    """SGD with momentum on all training digits, with their wrong labels."""
    digits = data.load_digits(standardize=True, flip_labels=0.4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.mlp(64, [width, width], 10, dropout=p)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (size,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


class Wrapped(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x).log_softmax(1)


class Unused(nn.Module):
    """A network without dropout, and a layer of it that nothing passes through."""

    def __init__(self, model):
        super().__init__()
        self.model, self.dropout = model, nn.Dropout(0.5)

    def forward(self, x):
        return self.model(x)


class NeverOff(Wrapped):
    """Masks in evaluation mode too."""

    def forward(self, x):
        return nn.functional.dropout(self.model(x), 0.2, training=True)


GOOD = trained(width=128, size=100, seed=0)
RIGHT = [GOOD, trained(), Wrapped(GOOD)]

WRONG = {
    "no-dropout": trained(0.0, lr=0.003),
    "not-trained": trained(lr=0.0, steps=1),
    "wrong-labels-learnt": trained(0.1, lr=0.05, steps=1000),
    "not-enough": trained(steps=40),
    "dropout-idle": Unused(trained(0.0, lr=0.01, steps=80, width=128, size=100)),
    "masks-on": NeverOff(GOOD),
    "wrong-outputs": models.mlp(64, [8], 1, dropout=0.5),
    "not-a-model": 0.9,
}

UNLISTED = [
    (nn.Dropout(0.5), "not-trained", "no parameters"),
    (trained(1e-6, lr=0.003), "no-dropout", "0.1 or more"),
    (trained(0.9, steps=60), "not-trained", "high p"),
    (trained(steps=25), "not-enough", "more steps"),
]

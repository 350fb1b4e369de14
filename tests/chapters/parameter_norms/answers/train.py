"""parameter-norms-train."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib.exercises import given
from lecturelib.models import mlp
from lecturelib.regularizers import project_to_ball, proximal_step_

SLUG = "parameter-norms-train"
DATA = given(SLUG)


def trained(lr=0.01, decay=0.04, epochs=25, radius=None, outputs=10):
    x, y = DATA["x"], DATA["y"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = mlp(64, [64, 64], outputs)
        sgd = torch.optim.SGD(model.parameters(), lr, momentum=0.9, weight_decay=decay)
        for _ in range(epochs):
            for batch in torch.randperm(len(x)).split(60):
                sgd.zero_grad()
                cross_entropy(model(x[batch]), y[batch]).backward()
                sgd.step()
                if radius:
                    matrices = [p for p in model.parameters() if p.ndim == 2]
                    proximal_step_(matrices, lambda w: project_to_ball(w, radius, dim=1))
    return model


class Linear(nn.Module):
    """A model of another shape than the network's: its outputs are those of a broken one."""

    def forward(self, x):
        raise RuntimeError("no forward pass")


def linear(steps=1_000):
    """A linear model without any penalty: it can't learn all labels, and learns wrong ones."""
    x, y = DATA["x"], DATA["y"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = nn.Linear(64, 10)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(steps):
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
    return model


RIGHT = [trained(), trained(lr=0.03, decay=0.0, radius=0.5)]

WRONG = {
    "over-fitted": trained(lr=0.03, decay=0.0),
    "wrong-labels-kept": linear(),
    "under-fitted": mlp(64, [64, 64], 10),
    "wrong-outputs": mlp(64, [64, 64], 1),
    "raises": Linear(),
    "not-a-model": 0.9,
}

UNLISTED = [
    (trained(lr=0.1, decay=0.0, epochs=20), "over-fitted", "wrong ones"),
    (trained(lr=0.03, decay=0.4, epochs=5), "under-fitted", "Less penalty"),
    (mlp(32, [8], 10), "raises", "raises"),
]

"""noise-and-augmentation-train."""

from functools import cache

import numpy as np
import torch
from torch import nn

from lecturelib import augment
from lecturelib.exercises import given

SLUG = "noise-and-augmentation-train"


@cache
def network(shifts=True, noise=0.3, steps=2000, dtype=torch.float32):
    X, t = given(SLUG)["X"].to(dtype), given(SLUG)["t"]
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10)).to(dtype)
    with torch.no_grad():
        for p in model.parameters():
            std = (2 / p.shape[1]) ** 0.5 if p.ndim > 1 else 0.0
            p.copy_(std * torch.randn(p.shape, generator=generator))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(steps):
        chosen = torch.randint(len(X), (100,), generator=generator)
        batch = X[chosen]
        if shifts:
            batch = augment.random_shift(batch, 1, generator=generator)
        batch = batch + noise * torch.randn(batch.shape, generator=generator, dtype=dtype)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch), t[chosen]).backward()
        optimizer.step()
    return model


def with_numpy(x):
    w, b, v, c = (p.detach().numpy() for p in network().parameters())
    x = np.asarray(x).reshape(len(x), 64)
    return np.maximum(x @ w.T + b, 0) @ v.T + c


def in_double(x):
    return torch.as_tensor(with_numpy(x)).double()


class Model:
    def __call__(self, x):
        return network()(torch.as_tensor(x).float())


RIGHT = [network(), with_numpy, in_double, Model()]

WRONG = {
    "not-invariant": network(shifts=False, noise=0.0, steps=200),
    "noise-not-met": network(noise=0.0, steps=700),
    "not-learnt": network(steps=1),
    "one-class": lambda x: torch.eye(10)[torch.zeros(len(x), dtype=torch.long)],
    "off-by-one": lambda x: torch.roll(Model()(x), -1, 1),
    "not-finite": lambda x: torch.full((len(x), 10), torch.nan),
}

UNLISTED = [
    (lambda x: torch.zeros(len(x)), "wrong-shape", "ten logits"),
    (lambda x: Model()(x).argmax(1), "wrong-shape", "ten logits"),
    (0.9, "not-a-function", "function"),
]

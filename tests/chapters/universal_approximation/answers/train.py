"""universal-approximation-train."""

import numpy as np
import torch
import torch.nn.functional as F

from lecturelib.exercises import given

SLUG = "universal-approximation-train"
X, T = given(SLUG)["X"], given(SLUG)["t"]


def mistakes(model):
    return int(((model(X)[:, 0] > 0) != (T > 0.5)).sum())


def start(units, seed):
    torch.manual_seed(seed)
    layers = torch.nn.Linear(2, units), torch.nn.ReLU(), torch.nn.Linear(units, 1)
    return torch.nn.Sequential(*layers).double()


def train(model, lr=0.3, steps=500):
    optimizer = torch.optim.Adam(model.parameters(), lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(model(X)[:, 0], T)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model


def found(units=5, starts=8, **options):
    models = []
    for seed in range(starts):
        models.append(train(start(units, seed), **options))
        if mistakes(models[-1]) == 0:
            break
    return parameters_of(min(models, key=mistakes))


def parameters_of(model):
    hidden, _, output = model
    tensors = hidden.weight, hidden.bias, output.weight[0], output.bias
    return tuple(p.detach() for p in tensors)


W, B, A, C = PARAMETERS = found()

RIGHT = [
    PARAMETERS,
    [p.numpy() for p in PARAMETERS],
    [p.tolist() for p in PARAMETERS],
    tuple(p.float() for p in PARAMETERS),
    dict(zip("Wbac", PARAMETERS, strict=True)),
]

ALL_OFF = (W, B - 100, A, C)
WRONG = {
    "too-many-units": (np.concatenate([W, W]), np.concatenate([B, B]), np.tile(A, 2), C),
    "upside-down": (W, B, -A, -C),
    "unit-off": ALL_OFF,
    "not-found": (W, B, A, C + 1e3),
    "too-few-units": (np.eye(2), np.zeros(2), -np.ones(2), 1.0),
    "not-finite": (W * np.nan, B, A, C),
    "not-four-parameters": PARAMETERS[:3],
}

UNLISTED = [
    ((W.T, B, A, C), "wrong-shapes", "hidden units"),
    (train, "not-four-parameters", "four parameters"),
    ((W, B, 0 * A, C), "not-found", "other starts"),
]

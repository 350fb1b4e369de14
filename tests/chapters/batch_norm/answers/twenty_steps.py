"""batch-norm-twenty-steps."""

import torch
from torch.nn.functional import cross_entropy

from lecturelib import data, models
from lecturelib.normalization import BatchNorm1d, recalibrate_batch_norm

SLUG = "batch-norm-twenty-steps"


def trained(*, lr=1.0, steps=20, momentum=0.1, layers=8, outputs=10, seed=0):
    digits = data.load_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = models.mlp(64, [64] * layers, outputs, norm="batch")
        for norm in model:
            if isinstance(norm, BatchNorm1d):
                norm.momentum = momentum
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (128,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def recalibrated():
    model = trained()
    recalibrate_batch_norm(model, data.load_digits().x_train.split(128))
    return model


RIGHT = [recalibrated(), trained(momentum=0.9)]

WRONG = {
    "stale-statistics": trained(momentum=0.02),
    "lagging": trained(),
    "not-learnt": trained(lr=0.003, momentum=0.9),
    "not-trained": models.mlp(64, [64] * 6, 10, norm="batch"),
    "too-few-norms": trained(layers=2, momentum=0.9),
    "wrong-outputs": models.mlp(64, [64] * 6, 1, norm="batch"),
    "not-a-model": 0.95,
}

UNLISTED = [
    (trained(momentum=0.0), "stale-statistics", "divide by"),
    (trained(steps=1), "not-learnt", "other rates"),
    (models.mlp(64, [64] * 8, 10), "too-few-norms", "0 layers of batch norm"),
]

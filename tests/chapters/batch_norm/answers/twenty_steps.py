"""batch-norm-twenty-steps."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib import data, models
from lecturelib.normalization import BatchNorm1d, recalibrate_batch_norm

SLUG = "batch-norm-twenty-steps"


def trained(
    *, lr=1.0, steps=20, momentum=0.1, layers=8, outputs=10, seed=0, model=None, norm="batch"
):
    digits = data.load_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model() if model else models.mlp(64, [64] * layers, outputs, norm=norm)
        for layer in model.modules():
            if isinstance(layer, BatchNorm1d):
                layer.momentum = momentum
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        for _ in range(steps):
            batch = torch.randint(len(digits.x_train), (128,))
            loss = cross_entropy(model(digits.x_train[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def recalibrated(**options):
    model = trained(**options)
    recalibrate_batch_norm(model, data.load_digits().x_train.split(128))
    return model


class Torchs(nn.Module):
    """PyTorch's norms behind the activations, in a module of one's own."""

    def __init__(self):
        super().__init__()
        self.inner = nn.ModuleList([nn.Linear(64, 64) for _ in range(6)])
        self.norms = nn.ModuleList([nn.BatchNorm1d(64, momentum=0.9) for _ in range(6)])
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        for inner, norm in zip(self.inner, self.norms, strict=True):
            x = norm(inner(x).relu())
        return self.out(x)


class Beside(nn.Module):
    """A network with two norms that counts; six more are called, and nobody uses what they say."""

    def __init__(self, used):
        super().__init__()
        self.used = used
        self.beside = nn.ModuleList([nn.BatchNorm1d(64) for _ in range(6)])

    def forward(self, x):
        for norm in self.beside:
            norm(x)
        return self.used(x)


class StaysInTraining(BatchNorm1d):
    def train(self, mode=True):
        return super().train(True)


TWO = models.mlp(64, [64, 64], 10, norm="batch")
OF_THE_BATCH = trained(norm=lambda size: nn.BatchNorm1d(size, track_running_stats=False))

RIGHT = [
    recalibrated(),
    trained(momentum=0.9),
    recalibrated(model=Torchs, lr=0.2),
    Beside(recalibrated()),
]

WRONG = {
    "stale-statistics": trained(momentum=0.02),
    "lagging": trained(),
    "not-learnt": trained(lr=0.003, momentum=0.9),
    "not-trained": models.mlp(64, [64] * 6, 10, norm="batch"),
    "too-few-norms": trained(layers=2, momentum=0.9),
    "beside-the-path": trained(model=lambda: Beside(TWO), momentum=0.9),
    "of-the-batch": OF_THE_BATCH,
    "wrong-outputs": models.mlp(64, [64] * 6, 1, norm="batch"),
    "not-a-model": 0.95,
}

UNLISTED = [
    (trained(momentum=0.0), "stale-statistics", "divide by"),
    (trained(norm=StaysInTraining), "of-the-batch", "Whose mean"),
    (trained(steps=1), "not-learnt", "other rates"),
    (models.mlp(64, [64] * 8, 10), "too-few-norms", "0 layers of batch norm"),
]

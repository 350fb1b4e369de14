"""normalization-family-alone."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lecturelib.data import load_digits

SLUG = "normalization-family-alone"


class Reader(nn.Module):
    """One row after the other."""

    def __init__(self, norm=nn.LayerNorm, width=32):
        super().__init__()
        self.past = nn.Linear(width, width, bias=False)
        self.row = nn.Linear(8, width, bias=False)
        self.norm = norm(width)
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        h = torch.zeros(len(x), self.past.in_features)
        for row in x.unbind(1):
            h = torch.relu(self.norm(self.past(h) + self.row(row)))
        return self.out(h)


class Gated(nn.Module):
    """PyTorch's gated unit, and a norm at the end."""

    def __init__(self):
        super().__init__()
        self.unit = nn.GRU(8, 32, batch_first=True)
        self.out = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 10))

    def forward(self, x):
        return self.out(self.unit(x)[1][0])


class Own(nn.Module):
    """A layer norm by hand."""

    def __init__(self, width):
        super().__init__()
        self.gain, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))

    def forward(self, z):
        z = z - z.mean(1, keepdim=True)
        return self.gain * z / ((z**2).mean(1, keepdim=True) + 1e-5) ** 0.5 + self.shift


class Idle(Reader):
    """A norm that is declared, and never called."""

    def forward(self, x):
        h = torch.zeros(len(x), self.past.in_features)
        for row in x.unbind(1):
            h = torch.relu(self.past(h) + self.row(row) + self.norm.bias)
        return self.out(h)


def trained(make, *, steps=160, seed=0):
    digits = load_digits(standardize=True)
    rows = digits.x_train.view(-1, 8, 8)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = make()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(steps):
            batch = torch.randint(len(rows), (64,))
            loss = cross_entropy(model(rows[batch]), digits.y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


RIGHT = [trained(Reader), trained(Gated, steps=200), trained(lambda: Reader(Own))]

WRONG = {
    "company-matters": trained(lambda: Reader(nn.BatchNorm1d), steps=60),
    "not-trained": Reader(),
    "no-norm": trained(Idle),
    "not-enough": trained(Reader, steps=15),
    "wrong-outputs": nn.Sequential(nn.Flatten(), nn.Linear(64, 1)),
    "cannot-read": nn.Sequential(nn.Linear(64, 32), nn.LayerNorm(32), nn.Linear(32, 10)),
    "not-a-model": 0.93,
}

UNLISTED = [
    (
        nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, 10)),
        "company-matters",
        "on chance",
    ),
    (nn.Sequential(nn.Flatten(), nn.Linear(64, 10)), "not-trained", "chance"),
    (trained(Reader, steps=10, seed=1), "not-enough", "More steps"),
]

"""loss-smoothness-stands-the-rate."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

SLUG = "loss-smoothness-stands-the-rate"


def stepper(cut=None, *, lr=1.0, optimizer=torch.optim.SGD, **settings):
    """A step of an optimizer, the gradient's length bounded by ``cut``."""

    def step(model, x, y):
        steps = optimizer(model.parameters(), lr=lr, **settings)
        steps.zero_grad()
        cross_entropy(model(x), y).backward()
        if cut is not None:
            nn.utils.clip_grad_norm_(model.parameters(), cut)
        steps.step()

    return step


def gradients(model, x, y):
    loss = cross_entropy(model(x), y)
    return loss, torch.autograd.grad(loss, list(model.parameters()))


@torch.no_grad()
def move(model, g, share):
    for p, d in zip(model.parameters(), g, strict=True):
        p -= share * d


def by_hand(model, x, y):
    """The length of all gradients together, without an optimizer; says what it did."""
    _, g = gradients(model, x, y)
    length = sum(d.square().sum() for d in g).sqrt()
    share = min(1.0, 0.3 / length.item())
    move(model, g, share)
    return share


def halving(model, x, y):
    """Halve until the loss on the batch does not rise."""
    loss, g = gradients(model, x, y)
    share = 1.0
    move(model, g, share)
    while share > 1e-6 and not cross_entropy(model(x), y) <= loss:
        share /= 2
        move(model, g, -share)
    return model


class RelativeToTheWeights:
    """A step of at most a hundredth of the weights' length."""

    def __call__(self, net, images, labels):
        _, g = gradients(net, images, labels)
        length = torch.cat([d.flatten() for d in g]).norm()
        weights = torch.cat([p.detach().flatten() for p in net.parameters()]).norm()
        move(net, g, min(1.0, 0.01 * (weights / length).item()))


def uphill(model, x, y):
    _, g = gradients(model, x, y)
    move(model, g, -0.1)


def on_a_copy(model, x, y):
    _, g = gradients(model, x, y)
    return [p - 0.1 * d for p, d in zip(model.parameters(), g, strict=True)]


def each_by_itself(model, x, y):
    _, g = gradients(model, x, y)
    move(model, [d * min(1.0, 0.02 / (d.norm().item() + 1e-12)) for d in g], 1.0)


def always_as_long(model, x, y):
    _, g = gradients(model, x, y)
    move(model, g, 0.15 / torch.cat([d.flatten() for d in g]).norm().item())


def spoils(model, x, y):
    move(model, gradients(model, x, y)[1], float("nan"))


RIGHT = [stepper(0.15), by_hand, halving, RelativeToTheWeights(), stepper(0.5)]

WRONG = {
    "cut-without-need": stepper(lr=0.05),
    "too-long": stepper(),
    "too-slow-to-learn": stepper(0.018),
    "other-direction": stepper(lr=0.001, optimizer=torch.optim.Adam),
    "longer": always_as_long,
    "uphill": uphill,
    "no-step": on_a_copy,
    "not-finite": spoils,
    "not-a-function": 0.93,
}

UNLISTED = [
    (stepper(0.001), "cut-without-need", "smaller rate"),
    (stepper(0.15, weight_decay=0.1), "other-direction", "penalty"),
    (stepper(0.15, lr=0.1), "cut-without-need", "smaller rate"),
    (each_by_itself, "other-direction", "one factor for all"),
    (nn.Linear(64, 10), "exception", "4 were given"),
    (lambda model, x: model, "wrong-arguments", "3 arguments"),
]

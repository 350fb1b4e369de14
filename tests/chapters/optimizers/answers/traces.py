"""optimizers-traces."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "optimizers-traces"
DATA = given(SLUG)


def by_steps():
    """From the first two steps of each trace."""
    g, lr, found = DATA["g"], DATA["lr"], {}
    for letter in "abcdef":
        first, second = (-DATA[letter].diff()[:2] / lr).tolist()
        if abs(first - g[0]) < 1e-9:
            found[letter] = "sgd" if abs(second - g[1]) < 1e-9 else "momentum"
        elif abs(first - 1.9 * g[0]) < 1e-9:
            found[letter] = "nesterov"
        elif abs(first) > 5:
            found[letter] = "rmsprop"
        else:
            plain = g[1] / (g[0] ** 2 + g[1] ** 2) ** 0.5
            found[letter] = "adagrad" if abs(second - plain) < 1e-6 else "adam"
    return found


def by_running():
    """Run PyTorch's optimizers and compare."""
    g, lr, names = DATA["g"], DATA["lr"], {}
    kinds = {
        "SGD": lambda p: torch.optim.SGD(p, lr),
        "momentum": lambda p: torch.optim.SGD(p, lr, momentum=0.9),
        "Nesterov": lambda p: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
        "AdaGrad": lambda p: torch.optim.Adagrad(p, lr),
        "RMSprop": lambda p: torch.optim.RMSprop(p, lr),
        "Adam": lambda p: torch.optim.Adam(p, lr),
    }
    for name, kind in kinds.items():
        p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = kind([p])
        for value in g:
            p.grad = value.reshape(1).clone()
            optimizer.step()
        (letter,) = (k for k in "abcdef" if abs(DATA[k][-1].item() - p.item()) < 1e-9)
        names[letter] = name
    return [names[letter] for letter in "abcdef"]


FOUND = by_steps()
ROW = [FOUND[letter] for letter in "abcdef"]


def exchanged(one, other):
    swap = {one: other, other: one}
    return [swap.get(name, name) for name in ROW]


RIGHT = [
    FOUND,
    by_running(),
    ", ".join(ROW),
    tuple(ROW),
    [name.upper() for name in ROW],
    np.array(ROW),
]

WRONG = {
    "two-exchanged": exchanged("momentum", "nesterov"),
    "several-wrong": ROW[1:] + ROW[:1],
    "one-twice": ["adam", "adam", *ROW[2:]] if ROW[2:].count("adam") == 0 else [*ROW[:5], ROW[0]],
    "not-names": ["adam"],
}

UNLISTED = [
    (exchanged("rmsprop", "adam"), "two-exchanged", "√(1 − β₂)"),
    (exchanged("adagrad", "adam"), "two-exchanged", "other sign"),
    (exchanged("sgd", "rmsprop"), "two-exchanged", "first two steps"),
    (7, "not-names", "six names"),
]

"""noise-and-generalization-masked."""

import torch
from torch import nn

from lecturelib.data import load_digits
from lecturelib.exercises import given

SLUG = "noise-and-generalization-masked"
MODEL = given(SLUG)["model"]
DIGITS = load_digits(standardize=False)


class Loud(nn.Module):
    """Logits times ten thousand."""

    def __init__(self):
        super().__init__()
        self.inner = MODEL

    def forward(self, x):
        return 1e4 * self.inner(x)


def cubed(x):
    """Logits that grow with a power."""
    return (10 * MODEL(x)) ** 3


def rounded(x):
    """Steps: flat nearly everywhere."""
    z = MODEL(x)
    return z + (torch.round(1e3 * z) / 1e3 - z).detach() - (z - z.detach())


RIGHT = [lambda x: 1e5 * MODEL(x), Loud(), cubed, rounded]


def nearest(x):
    """Minus the distance to the nearest training digit of each class."""
    d = torch.cdist(x, DIGITS.x_train)
    return torch.stack([-d[:, DIGITS.y_train == k].amin(1) for k in range(10)], 1)


WRONG = {
    "still-falls": MODEL,
    "less-accurate": lambda x: 0 * MODEL(x),
    "robust-after-all": nearest,
    "not-enough": lambda x: 30 * MODEL(x),
    "gradient-stopped": lambda x: nn.functional.one_hot(MODEL(x).argmax(1), 10),
    "not-callable": 0.93,
}

UNLISTED = [
    (lambda x: 1e-4 * MODEL(x), "not-enough", "only small"),
    (lambda x: MODEL(x)[:, :5], "wrong-outputs", "(N, 10)"),
    (lambda x: MODEL(x).detach(), "gradient-stopped", "gradient"),
]

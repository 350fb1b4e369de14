"""cost-functions-logit-gradient."""

import numpy as np
import torch

SLUG = "cost-functions-logit-gradient"


def gradients(z, y):
    p = torch.sigmoid(z)
    gap = (p - y) / len(z)
    return gap, gap * p * (1 - p)


def with_numpy(z, y):
    p = 1 / (1 + np.exp(-z))
    return (p - y) / z.size, (p - y) * p * (1 - p) / z.size


def by_differences(z, y):
    def slope(cost):
        shifts = 1e-4 * torch.eye(len(z), dtype=z.dtype)
        return torch.stack([(cost(z + s) - cost(z - s)) / 2e-4 for s in shifts])

    return (
        slope(lambda z: torch.nn.functional.binary_cross_entropy_with_logits(z, y)),
        slope(lambda z: ((torch.sigmoid(z) - y) ** 2).mean() / 2),
    )


class Stacked:
    def __call__(self, logits, target):
        p = 1 / (1 + np.exp(-np.maximum(logits, -700)))
        gap = (p - target) / logits.size
        return np.stack([gap, gap * p * (1 - p)])


def in_float32(z, y):
    return gradients(z.float(), y.float())


RIGHT = [
    gradients,
    with_numpy,
    by_differences,
    Stacked(),
    in_float32,
    lambda z, y: torch.stack(gradients(z, y)),
]


def slope(z):
    return torch.sigmoid(z) * (1 - torch.sigmoid(z))


def with_exponentials(z, y):
    p = torch.exp(z) / (1 + torch.exp(z))
    gap = (p - y) / len(z)
    return gap, gap * p * (1 - p)


WRONG = {
    "label-minus-prediction": lambda z, y: [-g for g in gradients(z, y)],
    "not-averaged": lambda z, y: [g * len(z) for g in gradients(z, y)],
    "slope-kept-in-nll": lambda z, y: (gradients(z, y)[1],) * 2,
    "slope-lost-in-squares": lambda z, y: (gradients(z, y)[0],) * 2,
    "half-forgotten": lambda z, y: (gradients(z, y)[0], 2 * gradients(z, y)[1]),
    "logit-not-squashed": lambda z, y: ((z - y) / len(z), (z - y) / len(z) * slope(z)),
    "slope-divided": lambda z, y: (gradients(z, y)[0], gradients(z, y)[0] / slope(z)),
    "exchanged": lambda z, y: gradients(z, y)[::-1],
    "label-minus-prediction+not-averaged": lambda z, y: [-g * len(z) for g in gradients(z, y)],
    "slope-of-exponential": lambda z, y: (
        gradients(z, y)[0],
        gradients(z, y)[0] * torch.sigmoid(z),
    ),
    "nll-by-the-probability": lambda z, y: (gradients(z, y)[0] / slope(z), gradients(z, y)[1]),
    "nll-halved": lambda z, y: (gradients(z, y)[0] / 2, gradients(z, y)[1]),
    "nll-without-sign": lambda z, y: (gradients(z, y)[0].abs(), gradients(z, y)[1]),
    "overflow": with_exponentials,
    "slope-overflows-below": lambda z, y: (
        gradients(z, y)[0],
        gradients(z, y)[0] * torch.exp(-z) / (1 + torch.exp(-z)) ** 2,
    ),
    "slope-overflows-above": lambda z, y: (
        gradients(z, y)[0],
        gradients(z, y)[0] * torch.exp(z) / (1 + torch.exp(z)) ** 2,
    ),
}

UNLISTED = [
    (
        lambda z, y: (2 * gradients(z, y)[1], gradients(z, y)[0]),
        "different",
        "differs from the definition",
    ),
    (
        lambda z, y: (gradients(z, y)[1], 2 * gradients(z, y)[0]),
        "slope-kept-in-nll+slope-lost-in-squares+half-forgotten",
        "factor σ′(z)",
    ),
    (lambda z, y: (gradients(z, y)[0], 3 * gradients(z, y)[1]), "factor", "times a number"),
    (
        lambda z, y: (gradients(z, y)[0], -gradients(z, y)[1]),
        "label-minus-prediction",
        "gradient of the squared error",
    ),
    (lambda z, y: (z, y), "different", "`logits` itself"),
    (
        lambda z, y: (gradients(z, y)[0], len(z) * gradients(z, y)[1]),
        "not-averaged",
        "squared error",
    ),
]

"""optimizers-adam."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "optimizers-adam"


def adam(x, s, r, g, t, lr, b1, b2, d, c1=True, c2=True, late=0, weights=None):
    w1, w2 = weights or (1 - b1, 1 - b2)
    s, r = b1 * s + w1 * g, b2 * r + w2 * g**2
    mean = s / (1 - b1 ** (t - late)) if c1 else s
    square = r / (1 - b2 ** (t - late)) if c2 else r
    return x - lr * mean / (square**0.5 + d), s, r


def adam_step(theta, s, r, g, t, lr, beta1, beta2, eps):
    return adam(theta, s, r, g, t, lr, beta1, beta2, eps)


def efficient(theta, s, r, g, t, lr, beta1, beta2, eps):
    s, r = beta1 * s + (1 - beta1) * g, beta2 * r + (1 - beta2) * g * g
    c = np.sqrt(1 - beta2**t)
    return theta - lr * c / (1 - beta1**t) * s / (np.sqrt(r) + eps * c), s, r


def inside(x, s, r, g, t, lr, b1, b2, d):
    _, s, r = adam(x, s, r, g, t, lr, b1, b2, d)
    return x - lr * s / (1 - b1**t) / (r / (1 - b2**t) + d) ** 0.5, s, r


def rootless(x, s, r, g, t, lr, b1, b2, d):
    _, s, r = adam(x, s, r, g, t, lr, b1, b2, d)
    return x - lr * s / (1 - b1**t) / (r / (1 - b2**t) + d), s, r


def absolute(x, s, r, g, t, lr, b1, b2, d):
    s, r = b1 * s + (1 - b1) * g, b2 * r + (1 - b2) * abs(g)
    return x - lr * s / (1 - b1**t) / ((r / (1 - b2**t)) ** 0.5 + d), s, r


def hats(x, s, r, g, t, lr, b1, b2, d):
    x, s, r = adam(x, s, r, g, t, lr, b1, b2, d)
    return x, s / (1 - b1**t), r / (1 - b2**t)


def first_step_s(x, s, r, g, t, lr, b1, b2, d):
    _, s, r = adam(x, s, r, g, t, lr, b1, b2, d)
    return x - lr * s / (1 - b1) / ((r / (1 - b2)) ** 0.5 + d), s, r


def amsgrad(x, s, r, g, t, lr, b1, b2, d):
    s, new = b1 * s + (1 - b1) * g, b2 * r + (1 - b2) * g**2
    new = torch.maximum(r, new)
    return x - lr * s / (1 - b1**t) / ((new / (1 - b2**t)) ** 0.5 + d), s, new


def named(*z):
    return dict(zip(("theta", "s", "r"), adam_step(*z), strict=True))


RIGHT = [adam_step, named, efficient, in_float32(adam_step), as_object(adam_step)]

WRONG = {
    "uncorrected": lambda *z: adam(*z, c1=False, c2=False),
    "square-uncorrected": lambda *z: adam(*z, c2=False),
    "mean-uncorrected": lambda *z: adam(*z, c1=False),
    "correction-a-step-late": lambda *z: adam(*z, late=1),
    "eps-inside": inside,
    "no-root": rootless,
    "not-squared": absolute,
    "betas-exchanged": lambda x, s, r, g, t, lr, b1, b2, d: adam(x, s, r, g, t, lr, b2, b1, d),
    "returns-corrected": hats,
    "correction-of-first-step": first_step_s,
    "eps-missing": lambda x, s, r, g, t, lr, b1, b2, d: adam(x, s, r, g, t, lr, b1, b2, 0.0),
    "sums": lambda x, s, r, g, t, lr, b1, b2, d: adam(
        x, s, r, g, t, lr, b1, b2, d, weights=(1.0, 1.0)
    ),
    "uphill": lambda x, s, r, g, t, lr, b1, b2, d: adam(x, s, r, g, t, -lr, b1, b2, d),
    "eps-before-correction": lambda x, s, r, g, t, lr, b1, b2, d: (
        x
        - lr
        * (1 - b2**t) ** 0.5
        / (1 - b1**t)
        * adam(x, s, r, g, t, lr, b1, b2, d)[1]
        / (adam(x, s, r, g, t, lr, b1, b2, d)[2] ** 0.5 + d),
        *adam(x, s, r, g, t, lr, b1, b2, d)[1:],
    ),
    "largest-so-far": amsgrad,
    "old-averages": lambda x, s, r, g, t, lr, b1, b2, d: (
        x - lr * s / (1 - b1**t) / ((r / (1 - b2**t)) ** 0.5 + d),
        *adam(x, s, r, g, t, lr, b1, b2, d)[1:],
    ),
    "nesterov": lambda x, s, r, g, t, lr, b1, b2, d: (
        adam(x, b1 * s + (1 - b1) * g, r, g, t, lr, b1, b2, d)[0],
        *adam(x, s, r, g, t, lr, b1, b2, d)[1:],
    ),
    "correction-a-step-early": lambda *z: adam(*z, late=-1),
}

UNLISTED = [
    (lambda x, s, r, g, t, lr, b1, b2, d: (x - lr * g, s, r), "different", "differs"),
    (
        lambda x, s, r, g, t, lr, b1, b2, d: (
            x - lr * g / (adam(x, s, r, g, t, lr, b1, b2, d)[2] ** 0.5 + d),
            *adam(x, s, r, g, t, lr, b1, b2, d)[1:],
        ),
        "uncorrected+mean-unused",
        "step by the gradient itself",
    ),
    (lambda *z: adam(*z)[0], "wrong-number-of-values", "Wanted are 3 values"),
    (lambda *z: tuple(adam(*z)[i] for i in (0, 2, 1)), "order", "another order"),
]

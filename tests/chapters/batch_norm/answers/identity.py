"""batch-norm-identity."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "batch-norm-identity"
DATA = given(SLUG)
X, FIRST, SHIFT, EPS = (DATA[name] for name in ("x", "gamma", "beta", "eps"))

MEAN = X.mean(0)


def scale(var, first=FIRST, eps=EPS):
    """By the formula: one over the factor of x − μ behind both normalizations."""
    passed = first**2 * var / (var + eps)
    return ((passed + eps) * (var + eps)) ** 0.5 / first


def measured(x, first, shift, eps):
    """By the slope of x against what comes out, in NumPy."""
    z = x
    for gamma, beta in ((first, shift), (1, 0)):
        z = gamma * (z - z.mean(0)) / np.sqrt(z.var(0) + eps) + beta
    return (x * z).sum(0) / (z * z).sum(0), x.mean(0)


VAR = X.var(0, correction=0)
GAMMA = scale(VAR)
PASSED = FIRST**2 * VAR / (VAR + EPS)

RIGHT = [
    (GAMMA, MEAN),
    measured(X.numpy(), FIRST.numpy(), SHIFT.numpy(), EPS),
    [[round(v, 3) for v in GAMMA.tolist()], [round(v, 3) for v in MEAN.tolist()]],
    {"gamma": GAMMA.float(), "beta": MEAN.float()},
    torch.stack([GAMMA, MEAN]),
]

WRONG = {
    "gamma-of-one-norm": ((VAR + EPS).sqrt(), MEAN),
    "gamma-of-the-second-norm": ((PASSED + EPS).sqrt(), MEAN),
    "sign-forgotten": (GAMMA.abs(), MEAN),
    "gamma-without-eps": (VAR.sqrt() * FIRST.sign(), MEAN),
    "first-norm-without-eps": (((FIRST**2 + EPS) * (VAR + EPS)).sqrt() / FIRST, MEAN),
    "first-gamma-left": (GAMMA * FIRST, MEAN),
    "gamma-unbiased": (scale(X.var(0)), MEAN),
    "gamma-inverted": (1 / GAMMA, MEAN),
    "beta-negative": (GAMMA, -MEAN),
    "beta-zero": (GAMMA, torch.zeros(3)),
    "beta-of-the-first-norm": (GAMMA, SHIFT),
    "beta-less-the-first": (GAMMA, MEAN - SHIFT),
    "beta-one-number": (GAMMA, X.mean().expand(3)),
    "swapped": (MEAN, GAMMA),
    "gamma-one+beta-zero": (torch.ones(3), torch.zeros(3)),
    "one-number-each": (2.0, 1.0),
    "not-a-pair": GAMMA,
}

UNLISTED = [
    ((2 * GAMMA, MEAN), "gamma-wrong", "same factor of 2"),
    ((GAMMA, MEAN + 1), "beta-wrong", "γ is right"),
    ((X.max(0).values - X.min(0).values, MEAN), "gamma-wrong", "β is right"),
    (("1, 2, 3", "4, 5, 6"), "not-a-pair", "three numbers each"),
]

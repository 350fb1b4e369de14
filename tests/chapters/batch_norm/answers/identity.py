"""batch-norm-identity."""

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "batch-norm-identity"
X, EPS = given(SLUG)["x"], given(SLUG)["eps"]

VAR, MEAN = X.var(0, correction=0), X.mean(0)
GAMMA = (VAR + EPS).sqrt()

RIGHT = [
    (GAMMA, MEAN),
    (np.sqrt(np.var(X.numpy(), axis=0) + EPS), X.numpy().mean(axis=0)),
    [[round(v, 3) for v in GAMMA.tolist()], [round(v, 3) for v in MEAN.tolist()]],
    {"gamma": GAMMA.float(), "beta": MEAN.float()},
    torch.stack([GAMMA, MEAN]),
]

WRONG = {
    "gamma-is-variance": (VAR, MEAN),
    "gamma-is-variance-plus-eps": (VAR + EPS, MEAN),
    "gamma-without-eps": (VAR.sqrt(), MEAN),
    "gamma-unbiased": ((X.var(0) + EPS).sqrt(), MEAN),
    "gamma-unbiased-without-eps": (X.std(0), MEAN),
    "gamma-eps-outside-root": (VAR.sqrt() + EPS, MEAN),
    "gamma-inverted": (1 / GAMMA, MEAN),
    "beta-negative": (GAMMA, -MEAN),
    "beta-zero": (GAMMA, torch.zeros(3)),
    "beta-divided": (GAMMA, MEAN / GAMMA),
    "beta-one-number": (GAMMA, X.mean().expand(3)),
    "swapped": (MEAN, GAMMA),
    "gamma-one+beta-zero": (torch.ones(3), torch.zeros(3)),
    "gamma-is-variance+beta-zero": (VAR, torch.zeros(3)),
    "one-number-each": (2.0, 1.0),
    "not-a-pair": GAMMA,
}

UNLISTED = [
    ((2 * GAMMA, MEAN), "gamma-wrong", "same factor of 2"),
    ((GAMMA, MEAN + 1), "beta-wrong", "γ is right"),
    ((X.max(0).values - X.min(0).values, MEAN), "gamma-wrong", "β is right"),
    (("1, 2, 3", "4, 5, 6"), "not-a-pair", "three numbers each"),
]

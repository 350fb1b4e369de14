"""length-direction-best-length."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "length-direction-best-length"


def by_means(X, t, w):
    a = X @ w
    unit = (a - a.mean()) / ((a - a.mean()) ** 2).mean() ** 0.5
    gamma = (t * unit).mean()
    return gamma, t.mean(), (t**2).mean() - t.mean() ** 2 - gamma**2


def by_moments(X, t, w):
    """With the covariances of the inputs, as in the chapter."""
    S = torch.cov(X.T, correction=0).reshape(len(w), len(w))
    with_target = ((X - X.mean(0)) * (t - t.mean())[:, None]).mean(0)
    gamma = with_target @ w / (w @ S @ w).sqrt()
    return torch.stack([gamma, t.mean(), t.var(correction=0) - gamma**2])


def with_numpy(X, t, w):
    a = np.asarray(X) @ np.asarray(w)
    unit = (a - a.mean()) / a.std()
    gamma, beta = np.mean(t * unit), np.mean(t)
    return gamma, beta, np.mean((t - gamma * unit - beta) ** 2)


RIGHT = [by_means, by_moments, with_numpy, in_float32(by_means), as_object(by_means)]


def wrong(*, size=None, centre=True, sign=1, shift=1, total=False, gained=False):
    def answer(X, t, w):
        a = X @ w
        middle = a.mean() * centre
        unit = (a - middle) / (size(a, w) if size else ((a - middle) ** 2).mean() ** 0.5)
        gamma = sign * (t * unit).mean() / (unit**2).mean()
        beta = shift * t.mean()
        rest = (t - gamma * unit - beta) ** 2
        loss = rest.sum() if total else rest.mean()
        return gamma, beta, gamma**2 if gained else loss

    return answer


WRONG = {
    "unbiased-variance": wrong(size=lambda a, w: torch.as_tensor(a).std()),
    "weight-norm": wrong(size=lambda a, w: (w**2).sum() ** 0.5),
    "not-centred": wrong(centre=False),
    "wrong-sign": wrong(sign=-1),
    "shift-forgotten": wrong(shift=0),
    "sum-of-squares": wrong(total=True),
    "what-is-gained": wrong(gained=True),
}

UNLISTED = [
    (lambda X, t, w: by_means(X, t, w)[:2], "wrong-number-of-values", "3"),
    (lambda X, t, w: (2 * by_means(X, t, w)[0], *by_means(X, t, w)[1:]), "different", "gamma"),
    (lambda X, t, w: by_means(X, t, w)[::-1], "order", "another order"),
]

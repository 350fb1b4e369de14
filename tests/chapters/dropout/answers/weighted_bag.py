"""dropout-weighted-bag."""

import numpy as np
import torch

SLUG = "dropout-weighted-bag"


def by_solving(C):
    w = torch.linalg.solve(C, torch.ones(len(C), dtype=C.dtype))
    w = w / w.sum()
    return w, w @ C @ w


def with_numpy(C):
    inverse = np.linalg.inv(C)
    total = inverse.sum()
    return inverse.sum(1) / total, 1 / total


class BestWeights:
    def __call__(self, C):
        ones = np.ones(len(C))
        w = np.linalg.solve(C, ones) / (ones @ np.linalg.solve(C, ones))
        return {"error": w @ C @ w, "weights": w}


def in_float32(C):
    return by_solving(C.float())


def by_elimination(C):
    """Differences to the last member, which have no constraint."""
    k = len(C)
    T = np.vstack([np.eye(k - 1), -np.ones(k - 1)])
    start = np.zeros(k)
    start[-1] = 1
    w = start - T @ np.linalg.solve(T.T @ C @ T, T.T @ C @ start) if k > 1 else start
    return w, w @ C @ w


RIGHT = [by_solving, with_numpy, BestWeights(), in_float32, by_elimination]


def weighted(make, scaled=True, error=lambda w, C: w @ C @ w):
    def answer(C):
        w = make(C)
        w = w / w.sum() if scaled else w
        return w, error(w, C)

    return answer


def solved(C):
    return torch.linalg.solve(C, torch.ones(len(C), dtype=C.dtype))


WRONG = {
    "correlation-ignored": weighted(lambda C: 1 / C.diagonal()),
    "deviations": weighted(lambda C: 1 / C.diagonal() ** 0.5),
    "equal-weights": weighted(lambda C: torch.ones(len(C), dtype=C.dtype)),
    "not-inverted": weighted(lambda C: C.sum(1)),
    "entries-inverted": weighted(lambda C: 1 / C.sum(1)),
    "not-scaled": weighted(solved, scaled=False),
    "products-forgotten": weighted(solved, error=lambda w, C: (w**2 * C.diagonal()).sum()),
    "errors-averaged": weighted(solved, error=lambda w, C: (w * C.diagonal()).sum()),
    "error-inverted": weighted(solved, error=lambda w, C: 1 / (w @ C @ w)),
    "root-taken": weighted(solved, error=lambda w, C: (w @ C @ w) ** 0.5),
}

UNLISTED = [
    (lambda C: solved(C), "wrong-number-of-values", "weights"),
    (weighted(lambda C: torch.eye(len(C), dtype=C.dtype)[0]), "only-sometimes", "single member"),
    (
        lambda C: (with_numpy(np.asarray(C))[0], 2 * with_numpy(np.asarray(C))[1]),
        "different",
        "fixed 2",
    ),
]

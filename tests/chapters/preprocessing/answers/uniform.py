"""preprocessing-uniform."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "preprocessing-uniform"


def _both(v, m2, n, trace=None):
    trace = 1 + v + n * m2 if trace is None else trace
    top = trace / 2 + math.sqrt(trace**2 / 4 - v)
    return 1 + n * m2 / v, top**2 / v


def kappas(low, high, features):
    return _both((high - low) ** 2 / 12, ((low + high) / 2) ** 2, features)


def by_eigenvalues(low, high, features):
    v, m = (high - low) ** 2 / 12, np.full(features, (low + high) / 2)
    inner = v * np.eye(features) + np.outer(m, m)
    whole = np.block([[inner, m[:, None]], [m[None], np.ones((1, 1))]])
    return np.linalg.cond(inner), np.linalg.cond(whole)


def _with(low, high, features, second):
    v, m2 = (high - low) ** 2 / 12, ((low + high) / 2) ** 2
    first = 1 + features * m2 / v
    return first, second(v, m2, features, first)


RIGHT = [
    kappas,
    by_eigenvalues,
    in_float32(kappas),
    as_object(kappas),
    in_numpy(kappas),
    in_torch(kappas),
]

WRONG = {
    "centred": lambda low, high, features: (
        _both((high - low) ** 2 / 12, 0.0, features, None)
        if (high - low) ** 2 / 12 <= 1
        else (1.0, max(1, (high - low) ** 2 / 12))
    ),
    "spike-of-one": lambda low, high, features: kappas(low, high, 1),
    "pixels-alone": lambda low, high, features: kappas(0.0, 1.0, features),
    "bias-same": lambda low, high, n: _with(low, high, n, lambda v, m2, n, first: first),
    "bias-as-an-input": lambda low, high, n: _with(
        low, high, n, lambda v, m2, n, first: 1 + (n + 1) * m2 / v
    ),
    "approximate": lambda low, high, n: _with(
        low, high, n, lambda v, m2, n, first: (1 + v + n * m2) ** 2 / v
    ),
    "variance-linear": lambda low, high, n: _both((high - low) / 12, ((low + high) / 2) ** 2, n),
    "second-moment-for-variance": lambda low, high, n: _both(
        (high**3 - low**3) / (3 * (high - low)), ((low + high) / 2) ** 2, n
    ),
    "one-for-mean-zero": lambda low, high, n: (
        (1.0, 1.0) if low + high == 0 else kappas(low, high, n)
    ),
    "variance-sixth": lambda low, high, n: _both((high - low) ** 2 / 6, ((low + high) / 2) ** 2, n),
    "half-range-for-mean": lambda low, high, n: _both(
        (high - low) ** 2 / 12, ((high - low) / 2) ** 2, n
    ),
}

UNLISTED = [
    (lambda low, high, n: (1 + 3 * n, 0.75 * n**2), "only-sometimes", "right with pixels"),
    (lambda low, high, n: kappas(low, high, n)[::-1], "order", "another order"),
    (
        lambda low, high, n: _with(low, high, n, lambda v, m2, n, first: first**2),
        "different",
        "κ without a bias is right",
    ),
]

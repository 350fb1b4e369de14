"""hidden-units-kill."""

import math

import numpy as np
import torch

SLUG = "hidden-units-kill"


def killing_rate(w, b, X, x, t):
    z, sums = w @ x + b, X @ w + b
    if (sums <= 0).all():
        return 0.0
    delta = z - t if z > 0 else 0.0
    if delta <= 0:
        return math.inf
    return (sums / (delta * (X @ x + 1))).max()


def with_numpy(w, b, X, x, t):
    delta = np.where(w @ x + b > 0, np.maximum(w @ x + b, 0) - t, 0)
    sums = np.dot(X, w) + b
    if not np.any(sums > 0):
        return np.float64(0)
    with np.errstate(divide="ignore"):
        return np.max(sums / np.maximum(delta, 0) / (np.dot(X, x) + 1))


class KillingRate:
    def __call__(self, w, b, X, x, t):
        return killing_rate(w, b, X, x, t)


def in_float32(w, b, X, x, t):
    return killing_rate(w.float(), b.float(), X.float(), x.float(), t.float())


def looped(w, b, X, x, t):
    dot = lambda u, v: sum(float(p) * float(q) for p, q in zip(u, v, strict=True))  # noqa: E731
    on = [row for row in X if dot(w, row) + float(b) > 0]
    delta = max(dot(w, x) + float(b), 0) - float(t) if dot(w, x) + float(b) > 0 else 0
    if not on or delta <= 0:
        return math.inf if on else 0
    return max((dot(w, row) + float(b)) / (delta * (dot(x, row) + 1)) for row in on)


RIGHT = [killing_rate, with_numpy, KillingRate(), in_float32, looped]


def wrong(*, bias=1.0, error=None, reduce=None, dead=True, gate=True, sign=True):
    """The right answer with one thing changed."""

    def answer(w, b, X, x, t):
        z, sums = w @ x + b, X @ w + b
        if dead and (sums <= 0).all():
            return 0.0
        delta = error(z, t) if error else z - t
        if gate and z <= 0:
            delta = 0.0 * z
        delta = delta if sign else abs(delta)
        if delta <= 0:
            return math.inf
        rates = sums / (delta * (X @ x + bias))
        return reduce(rates, sums, z / (delta * (x @ x + bias))) if reduce else rates.max()

    return answer


WRONG = {
    "bias-not-moved": wrong(bias=0.0),
    "one-sample-off": wrong(reduce=lambda r, s, _: r[s > 0].min() if (s > 0).any() else r.min()),
    "mean-rate": wrong(reduce=lambda r, s, _: r.mean()),
    "own-sample-only": wrong(reduce=lambda r, s, own: own),
    "largest-sum-only": wrong(reduce=lambda r, s, _: r[s.argmax()]),
    "target-lost": wrong(error=lambda z, t: z),
    "error-lost": wrong(error=lambda z, t: 1.0 + 0.0 * z),
    "half-lost": wrong(error=lambda z, t: 2 * (z - t)),
    "dead-already": wrong(dead=False),
    "gradient-through-zero": wrong(gate=False, error=lambda z, t: z.clip(0) - t),
    "sum-for-the-value": wrong(gate=False),
    "rising-sums": wrong(sign=False),
}

UNLISTED = [
    (lambda w, b, X, x, t: killing_rate(w, b, X, x, abs(t)), "not-finite", "answer is finite"),
    (lambda w, b, X, x, t: torch.tensor(0.3), "different", "differs"),
    (lambda w, b, X, x, t: (0.3, 0.4), "wrong-shape", "shape"),
    (lambda w, b, X, x, t: 2 * killing_rate(w, b, X, x, t), "only-sometimes", "wrong with six"),
]

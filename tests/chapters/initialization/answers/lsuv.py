"""initialization-lsuv."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "initialization-lsuv"


def lsuv(x, w1, w2, w3):
    h, found = x, []
    for w in (w1, w2, w3):
        w = w / (h @ w.T).std(correction=0)
        found.append(w)
        h = (h @ w.T).relu()
    return found


def with_numpy(x, w1, w2, w3):
    w1 = w1 / np.std(x @ w1.T)
    h = np.maximum(x @ w1.T, 0)
    w2 = w2 / np.std(h @ w2.T)
    h = np.maximum(h @ w2.T, 0)
    return w1, w2, w3 / np.std(h @ w3.T)


def _wrong(scale=None, onward=None, activate=torch.relu):
    def answer(x, w1, w2, w3):
        h, found = x, []
        for w in (w1, w2, w3):
            z = h @ w.T
            found.append(w / (scale or (lambda z: z.std(correction=0)))(z))
            h = activate(z if onward == "unscaled" else h @ found[-1].T)
        return found

    return answer


RIGHT = [lsuv, with_numpy, in_float32(lsuv), as_object(lsuv)]

WRONG = {
    "variance": _wrong(lambda z: z.var(correction=0)),
    "not-in-sequence": _wrong(onward="unscaled"),
    "relu-lost": _wrong(activate=lambda z: z),
    "after-relu": _wrong(lambda z: z.relu().std(correction=0)),
    "each-unit": _wrong(lambda z: z.std(0, correction=0)[:, None]),
    "mean-square": _wrong(lambda z: z.square().mean().sqrt()),
    "unbiased": _wrong(lambda z: z.std()),
    "tanh": _wrong(activate=torch.tanh),
    "leaky": _wrong(activate=torch.nn.functional.leaky_relu),
    "mean-of-deviations": _wrong(lambda z: z.std(0, correction=0).mean()),
    "variance-within-units": _wrong(lambda z: z.var(0, correction=0).mean().sqrt()),
    "variance-within-samples": _wrong(lambda z: z.var(1, correction=0).mean().sqrt()),
    "gain": _wrong(lambda z: z.std(correction=0) / 2**0.5),
    "inputs-standardized": lambda x, a, b, c: lsuv((x - x.mean(0)) / x.std(0), a, b, c),
    "third-weight-left": lambda x, a, b, c: (*lsuv(x, a, b, c)[:2], c),
    "first-weight-only": lambda x, a, b, c: (lsuv(x, a, b, c)[0], b, c),
}

UNLISTED = [
    (
        lambda x, a, b, c: [w if i != 1 else w.T for i, w in enumerate(lsuv(x, a, b, c))],
        "wrong-shape",
        "in shape (4, 5)",
    ),
    (lambda x, a, b, c: tuple(w / w.std() for w in (a, b, c)), "factor", "the right one times"),
    (lambda x, a, b, c: lsuv(x, a, b, c)[:2], "wrong-number-of-values", "Wanted are 3 values"),
]

"""parameter-sharing-autoencoder."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "parameter-sharing-autoencoder"


def gradient(W, x):
    z = x @ W.T
    h = z * (z > 0)
    e = h @ W - x
    return h.T @ e + ((e @ W.T) * (z > 0)).T @ x


def with_numpy(W, x):
    z = np.asarray(x) @ np.asarray(W).T
    e = np.maximum(z, 0) @ np.asarray(W) - np.asarray(x)
    encoder = np.einsum("nm,nd->md", np.where(z > 0, e @ np.asarray(W).T, 0), np.asarray(x))
    return encoder + np.einsum("nm,nd->md", np.maximum(z, 0), e)


def by_samples(W, x):
    total = 0 * W
    for row in x:
        z = W @ row
        h = z * (z > 0)
        e = W.T @ h - row
        total = total + h[:, None] * e + ((W @ e) * (z > 0))[:, None] * row
    return total


def _wrong(decoder=1.0, encoder=1.0, mask=True, target=1.0, mean=False):
    def answer(W, x):
        z = x @ W.T
        h = z * (z > 0)
        e = h @ W - target * x
        back = (e @ W.T) * ((z > 0) if mask else 1)
        total = decoder * h.T @ e + encoder * back.T @ x
        return total / len(x) if mean else total

    return answer


def by_autograd(W, x):
    leaf = W.clone().requires_grad_()
    (((x @ leaf.T).relu() @ leaf - x) ** 2).sum().div(2).backward()
    return leaf.grad


RIGHT = [gradient, with_numpy, by_samples, in_float32(gradient), as_object(gradient)]

WRONG = {
    "decoder-only": _wrong(encoder=0.0),
    "encoder-only": _wrong(decoder=0.0),
    "mask-lost": _wrong(mask=False),
    "target-lost": _wrong(target=0.0),
    "averaged": _wrong(decoder=0.5, encoder=0.5),
    "factor": _wrong(decoder=2.0, encoder=2.0),
    "mean": _wrong(mean=True),
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (lambda W, x: gradient(W, x).T, "wrong-shape", "as many entries"),
    (lambda W, x: torch.zeros_like(W), "all-zero", "zero everywhere"),
    (lambda W, x: gradient(W, x) + 1, "shift", "off by the same"),
]

"""noise-and-generalization-groups."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "noise-and-generalization-groups"


def cuts(n, m):
    at = list(range(m, n, m))
    return at[:-1] if at and n - at[-1] == 1 else at


def with_split(x, m, eps):
    """torch.tensor_split at the beginnings of groups."""
    out = []
    for part in torch.tensor_split(x, cuts(len(x), m)):
        out.append((part - part.mean(0)) / (part.var(0, correction=0) + eps) ** 0.5)
    return torch.cat(out)


def with_numpy(x, m, eps):
    parts = np.split(np.asarray(x), cuts(len(x), m))
    return np.vstack([(p - p.mean(0)) / np.sqrt(p.var(0) + eps) for p in parts])


def with_torch_layer(x, m, eps):
    """PyTorch's batch norm on each part."""
    f = torch.nn.functional.batch_norm
    parts = torch.tensor_split(x, cuts(len(x), m))
    return torch.cat([f(p, None, None, training=True, eps=eps) for p in parts])


RIGHT = [
    with_split,
    with_numpy,
    with_torch_layer,
    in_float32(with_split),
    as_object(with_split),
]


def wrong(change, at=cuts):
    def answer(x, m, eps):
        return torch.cat([change(p, x, eps) for p in torch.tensor_split(x, at(len(x), m))])

    return answer


def norm(p, var, eps):
    return (p - p.mean(0)) / (var + eps).sqrt()


WRONG = {
    "whole-batch": lambda x, m, eps: norm(x, x.var(0, correction=0), eps),
    "variance-of-all": wrong(lambda p, x, eps: norm(p, x.var(0, correction=0), eps)),
    "unbiased-variance": wrong(lambda p, x, eps: norm(p, p.var(0, correction=1), eps)),
    "eps-outside": wrong(lambda p, x, eps: (p - p.mean(0)) / (p.var(0, correction=0).sqrt() + eps)),
    "within-a-sample": lambda x, m, eps: norm(x.T, x.T.var(0, correction=0), eps).T,
    "single-left-over": wrong(
        lambda p, x, eps: norm(p, p.var(0, correction=0), eps), lambda n, m: list(range(m, n, m))
    ),
}

UNLISTED = [
    (lambda x, m, eps: x, "different", "differs"),
    (lambda x, m, eps: 2 * with_split(x, m, eps), "factor", "fixed 2"),
    (lambda x, m, eps: with_split(x, m, eps)[:-1], "wrong-shape", "shape"),
]

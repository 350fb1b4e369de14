"""output-units-focal."""

import numpy as np
import scipy.special
import torch
from torch.nn.functional import one_hot

from tests.exercises.styles import as_object

SLUG = "output-units-focal"


def by_chain_rule(z, t, factor=2.0):
    log_p = torch.log_softmax(z, 1)
    log = log_p.gather(1, t[:, None])
    p = log.exp()
    outer = factor * (1 - p) * p * log - (1 - p) ** 2
    return outer * (one_hot(t, z.shape[1]) - log_p.exp()) / len(z)


def with_numpy(z, t):
    z, t = np.asarray(z), np.asarray(t)
    log_p = scipy.special.log_softmax(z, axis=1)
    rows = np.arange(len(z))
    log = log_p[rows, t]
    p, gradient = np.exp(log), -np.exp(log_p)
    gradient[rows, t] += 1
    return gradient * (2 * (1 - p) * p * log - (1 - p) ** 2)[:, None] / len(z)


def by_jacobian(z, t):
    p = torch.softmax(z, 1)
    log = torch.log_softmax(z, 1)
    rows = []
    for q, log_q, k in zip(p, log, t, strict=True):
        outer = 2 * (1 - q[k]) * q[k] * log_q[k] - (1 - q[k]) ** 2
        rows.append(outer * (torch.eye(len(q)).to(q)[k] - q) / len(z))
    return torch.stack(rows)


def in_float32(z, t):
    return by_chain_rule(z.float(), t)


def parts(z, t):
    p = torch.softmax(z, 1)
    seen, y = p.gather(1, t[:, None]), one_hot(t, z.shape[1])
    return seen, y - p, torch.log_softmax(z, 1).gather(1, t[:, None])


def held(z, t):
    p, inner, _ = parts(z, t)
    return -((1 - p) ** 2) * inner / len(z)


def naive(z, t):
    p, inner, _ = parts(z, t)
    return (2 * (1 - p) * p * torch.log(p) - (1 - p) ** 2) * inner / len(z)


def other_sign(z, t):
    p, inner, log = parts(z, t)
    return (-2 * (1 - p) * p * log - (1 - p) ** 2) * inner / len(z)


def by_autograd(z, t):
    leaf = z.clone().requires_grad_()
    log = torch.log_softmax(leaf, 1).gather(1, t[:, None])
    (-((1 - log.exp()) ** 2) * log).mean().backward()
    return leaf.grad


RIGHT = [by_chain_rule, with_numpy, by_jacobian, in_float32, as_object(by_chain_rule)]

WRONG = {
    "cross-entropy": lambda z, t: -parts(z, t)[1] / len(z),
    "weight-held-constant": held,
    "logarithm-held-constant": lambda z, t: by_chain_rule(z, t) - held(z, t),
    "second-term-sign": other_sign,
    "square-not-differentiated": lambda z, t: by_chain_rule(z, t, factor=1.0),
    "sum-taken": lambda z, t: by_chain_rule(z, t) * len(z),
    "sign": lambda z, t: -by_chain_rule(z, t),
    "log-of-zero": naive,
    "automatic-differentiation": by_autograd,
}

UNLISTED = [
    (lambda z, t: by_chain_rule(z, t).sum(1), "wrong-shape", "shape"),
    (lambda z, t: 0 * z, "all-zero", "zero"),
    (lambda z, t: by_chain_rule(z, t, factor=3.0), "only-sometimes", "What differs there?"),
]

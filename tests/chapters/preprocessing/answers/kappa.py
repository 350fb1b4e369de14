"""preprocessing-kappa."""

import numpy as np
import torch

from lecturelib.preprocessing import condition_number
from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-kappa"


def _ones(x):
    return torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)


def kappa(x):
    return condition_number(_ones(x))


def with_numpy(x):
    x1 = np.column_stack([x, np.ones(len(x))])
    h = np.linalg.eigvalsh(x1.T @ x1 / len(x))
    return h[-1] / h[0]


def _moment(x):
    return _ones(x).T @ _ones(x) / len(x)


RIGHT = [kappa, with_numpy, in_float32(kappa), as_object(kappa)]

WRONG = {
    "bias-forgotten": condition_number,
    "centred": lambda x: condition_number(_ones(x - x.mean(0))),
    "singular-values": lambda x: torch.linalg.cond(_ones(x)),
    "inverse": lambda x: 1 / condition_number(_ones(x)),
    "largest": lambda x: torch.linalg.eigvalsh(_moment(x))[-1],
    "diagonal": lambda x: _moment(x).diagonal().max() / _moment(x).diagonal().min(),
    "correlation": lambda x: torch.linalg.cond(torch.corrcoef(x.T)),
    "bias-forgotten+centred": lambda x: torch.linalg.cond(torch.cov(x.T)),
    "one-added": lambda x: condition_number(x + 1),
    "bias-apart": lambda x: (lambda h: h[-1].clamp(min=1) / h[0].clamp(max=1))(
        torch.linalg.eigvalsh(x.T @ x / len(x))
    ),
    "frobenius": lambda x: torch.linalg.cond(_moment(x), "fro"),
}

UNLISTED = [
    (
        lambda x: torch.linalg.cond(x.T @ x + torch.eye(x.shape[1]).double()),
        "different",
        "eigenvalues",
    ),
    (lambda x: torch.linalg.eigvalsh(_moment(x)), "wrong-shape", "shape"),
    (lambda x: torch.linalg.cond(_moment(x)) ** 2, "different", "with which power"),
]

"""preprocessing-zca."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "preprocessing-zca"


def zca(covariance):
    values, U = torch.linalg.eigh(covariance)
    return U @ torch.diag(values.rsqrt()) @ U.T


def with_numpy(covariance):
    U, s, _ = np.linalg.svd(covariance)
    return (U / np.sqrt(s)) @ U.T


def _parts(covariance):
    values, U = torch.linalg.eigh(covariance)
    return torch.diag(values.rsqrt()), U


def _swapped(covariance):
    scaled, U = _parts(covariance)
    return U.T @ scaled @ U


def _pca(covariance):
    scaled, U = _parts(covariance)
    return scaled @ U.T


def _root(covariance):
    values, U = torch.linalg.eigh(covariance)
    return U @ torch.diag(values.sqrt()) @ U.T


def _largest_first(covariance):
    scaled, U = _parts(covariance)
    return (scaled @ U.T).flip(0)


RIGHT = [zca, with_numpy, in_float32(zca), as_object(zca)]

WRONG = {
    "not-turned-back": _pca,
    "axes-transposed": _swapped,
    "inverse": torch.linalg.inv,
    "root-not-inverse": _root,
    "cholesky": lambda covariance: torch.linalg.inv(torch.linalg.cholesky(covariance)),
    "standardizes": lambda covariance: torch.diag(covariance.diagonal().rsqrt()),
    "cholesky-of-the-inverse": lambda c: torch.linalg.cholesky(torch.linalg.inv(c)).T,
    "not-transposed": lambda c: _parts(c)[1] @ _parts(c)[0],
    "negative": lambda c: -zca(c),
    "roots-of-entries": lambda c: torch.linalg.inv(c.abs().sqrt()),
    "ridge": lambda c: zca(c + 1e-5 * torch.eye(len(c)).to(c)),
}

UNLISTED = [
    (_largest_first, "different", "It does whiten"),
    (lambda covariance: covariance.rsqrt().nan_to_num(), "different", "It does not whiten"),
    (lambda covariance: 2 * zca(covariance), "factor", "wrong size"),
    (lambda covariance: torch.linalg.eigvalsh(covariance).rsqrt(), "wrong-shape", "shape"),
]

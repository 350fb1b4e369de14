"""backprop-matmul."""

import numpy as np
import torch

SLUG = "backprop-matmul"


def products(A, B, g):
    return g @ B.T, A.T @ g


def sums(A, B, g):
    return torch.einsum("ij,kj->ik", g, B), torch.einsum("ik,ij->kj", A, g)


def with_numpy(A, B, g):
    return np.dot(g, B.T), np.dot(A.T, g)


class Vjp:
    def __call__(self, A, B, g):
        return {"B": np.dot(A.T, g), "A": np.dot(g, B.T)}


def in_float32(A, B, g):
    return products(A.float(), B.float(), g.float())


RIGHT = [
    products,
    sums,
    with_numpy,
    Vjp(),
    in_float32,
    lambda A, B, g: [v.tolist() for v in products(A, B, g)],
]

WRONG = {
    "exchanged": lambda A, B, g: (A.T @ g, g @ B.T),
    "b-not-transposed": lambda A, B, g: (g @ B, A.T @ g),
    "a-not-transposed": lambda A, B, g: (g @ B.T, A @ g),
    "first-order": lambda A, B, g: (B.T @ g, A.T @ g),
    "second-order": lambda A, B, g: (g @ B.T, g @ A.T),
    "first-transposed": lambda A, B, g: (g.T @ B, A.T @ g),
    "second-transposed": lambda A, B, g: (g @ B.T, A @ g.T),
    "first-order-and-plain": lambda A, B, g: (B @ g, A.T @ g),
    "second-order-and-plain": lambda A, B, g: (g @ B.T, g @ A),
    "b-not-transposed+a-not-transposed": lambda A, B, g: (g @ B, A @ g),
    "first-result-transposed": lambda A, B, g: ((g @ B.T).T, A.T @ g),
    "second-result-transposed": lambda A, B, g: (g @ B.T, (A.T @ g).T),
    "first-from-value": lambda A, B, g: (A @ B @ B.T, A.T @ g),
    "second-from-value": lambda A, B, g: (g @ B.T, A.T @ A @ B),
}

UNLISTED = [
    (lambda A, B, g: (g @ B.T / len(A), A.T @ g / len(A)), "averaged", "number of rows"),
    (lambda A, B, g: (g @ B.T, A.T @ g / len(A)), "averaged", "gradient of B"),
    (lambda A, B, g: (g @ B.T, -A.T @ g), "sign", "wrong sign"),
    (lambda A, B, g: (2 * g @ B.T, A.T @ g), "factor", "times a number"),
    (lambda A, B, g: (A, B), "different", "`A` itself"),
]

"""residual-connections-growth."""

import math

import numpy as np

from tests.exercises.styles import as_object, in_float32, in_numpy, in_torch

SLUG = "residual-connections-growth"


def growth(blocks, alpha, gain, layers):
    return (1 + alpha**2 * (gain / 2) ** layers) ** blocks


def step_by_step(blocks, alpha, gain, layers):
    q = 1.0
    for _ in range(blocks):
        q += alpha**2 * q * (gain / 2) ** layers
    return q


def by_logarithms(blocks, alpha, gain, layers):
    return math.exp(blocks * math.log1p(alpha**2 * (gain / 2) ** layers))


def by_numpy(blocks, alpha, gain, layers):
    return np.prod(np.full(blocks, 1 + alpha**2 * (gain / 2) ** layers))


RIGHT = [
    growth,
    step_by_step,
    by_logarithms,
    by_numpy,
    in_float32(growth),
    as_object(growth),
    in_numpy(growth),
    in_torch(growth),
]

WRONG = {
    "not-squared": lambda M, a, g, p: (1 + a * (g / 2) ** p) ** M,
    "half-lost": lambda M, a, g, p: (1 + a**2 * g**p) ** M,
    "one-layer": lambda M, a, g, p: (1 + a**2 * g / 2) ** M,
    "layers-added": lambda M, a, g, p: (1 + a**2 * p * g / 2) ** M,
    "root": lambda M, a, g, p: growth(M, a, g, p) ** 0.5,
    "blocks-added": lambda M, a, g, p: 1 + M * a**2 * (g / 2) ** p,
    "no-skip": lambda M, a, g, p: (a**2 * (g / 2) ** p) ** M,
}

UNLISTED = [
    (lambda M, a, g, p: math.e, "different", "differs from the definition"),
    (lambda M, a, g, p: -growth(M, a, g, p), "sign", "wrong sign"),
    (lambda M, a, g, p: (1 + a**2) ** M, "only-sometimes", "right with no block"),
]

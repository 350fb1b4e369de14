"""hidden-units-soft-gates."""

import math

import torch

SLUG = "hidden-units-soft-gates"


def parts(z):
    s = torch.sigmoid(z)
    phi = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return s, s * (1 - s), 0.5 * (1 + torch.erf(z / math.sqrt(2))), phi


def slopes(z):
    s, ds, below, phi = parts(z)
    return s + z * ds, below + z * phi


def by_differences(z):
    h = 1e-5

    def slope(f):
        return (f(z + h) - f(z - h)) / (2 * h)

    return slope(torch.nn.functional.silu), slope(torch.nn.functional.gelu)


RIGHT = [slopes, by_differences]


def built(rule):
    def answer(z):
        s, ds, below, phi = parts(z)
        return rule(z, s, ds), rule(z, below, phi)

    return answer


WRONG = {
    "gate-lost": built(lambda z, gate, slope: z * slope),
    "inner-lost": built(lambda z, gate, slope: gate),
    "sigmoid-not-differentiated": lambda z: (parts(z)[0] * (1 + z), slopes(z)[1]),
    "factor-lost": built(lambda z, gate, slope: gate + slope),
    "density-not-normalized": lambda z: (
        slopes(z)[0],
        parts(z)[2] + z * torch.exp(-(z**2) / 2),
    ),
    "sign": built(lambda z, gate, slope: gate - z * slope),
}

UNLISTED = [
    (lambda z: (z, z), "different", "differs"),
    (lambda z: (-slopes(z)[0], slopes(z)[1]), "sign", "SiLU"),
    (lambda z: (slopes(z)[0], 2 * slopes(z)[1]), "factor", "GELU"),
]

"""hidden-units-soft-gates."""

import math

import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F

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


class WithScipy:
    def __call__(self, z):
        s = scipy.special.expit(z)
        return s * (1 + z * (1 - s)), scipy.stats.norm.cdf(z) + z * scipy.stats.norm.pdf(z)


def in_float32(z):
    return slopes(z.float())


def named(z):
    return {"gelu": slopes(z)[1], "silu": slopes(z)[0]}


RIGHT = [slopes, by_differences, WithScipy(), in_float32, named, lambda z: torch.stack(slopes(z))]


def built(rule):
    def answer(z):
        s, ds, below, phi = parts(z)
        return rule(z, s, ds), rule(z, below, phi)

    return answer


def by_tanh(z):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(F.gelu(z, approximate="tanh").sum(), z)[0]


def quick(z):
    s = torch.sigmoid(1.702 * z)
    return s + 1.702 * z * s * (1 - s)


def with_exponentials(z):
    s = z.exp() / (1 + z.exp())
    return s + z * s * (1 - s)


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
    "tanh-approximation": lambda z: (slopes(z)[0], by_tanh(z)),
    "quick-approximation": lambda z: (slopes(z)[0], quick(z)),
    "erf-not-scaled": lambda z: (slopes(z)[0], 0.5 * (1 + torch.erf(z)) + z * parts(z)[3]),
    "density-of-z-squared": lambda z: (
        slopes(z)[0],
        parts(z)[2] + z * torch.exp(-(z**2)) / math.sqrt(2 * math.pi),
    ),
    "not-differentiated": lambda z: (F.silu(z), F.gelu(z)),
    "cut-at-zero": lambda z: [v.relu() for v in slopes(z)],
    "overflow": lambda z: (with_exponentials(z), slopes(z)[1]),
}

UNLISTED = [
    (lambda z: (z, z), "different", "`z` itself"),
    (lambda z: (-slopes(z)[0], slopes(z)[1]), "sign", "SiLU"),
    (lambda z: (slopes(z)[0], 2 * slopes(z)[1]), "factor", "GELU"),
]

"""signal-propagation-leaky."""

import numpy as np
import torch

from tests.exercises.styles import as_object, in_float32

SLUG = "signal-propagation-leaky"


def half_products(rho):
    """E[max(u, 0) max(v, 0)]."""
    theta = torch.acos(torch.as_tensor(rho).clip(-1, 1))
    return (torch.sin(theta) + (torch.pi - theta) * torch.cos(theta)) / (2 * torch.pi)


def by_products(rho, a):
    rho = torch.as_tensor(rho)
    same, mixed = half_products(rho), half_products(-rho)
    return (same + a**2 * same - 2 * a * mixed) / (0.5 * (1 + a**2))


def by_absolute_values(rho, a):
    """The leaky ReLU as a line and an absolute value."""
    rho = torch.as_tensor(rho)
    line, bend = (1 + a) / 2, (1 - a) / 2
    absolute = (torch.sqrt(1 - rho**2) + rho * torch.arcsin(rho)) * 2 / torch.pi
    return (line**2 * rho + bend**2 * absolute) / (line**2 + bend**2)


def with_numpy(rho, a):
    def kernel(r):
        theta = np.arccos(np.clip(r, -1, 1))
        return (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi

    return kernel(rho) - 2 * a / (1 + a**2) * kernel(-rho)


RIGHT = [
    by_products,
    by_absolute_values,
    with_numpy,
    in_float32(by_products),
    as_object(by_products),
]


def wrong(*, mixed=-2.0, both=1.0, power=2, norm=lambda a: 1 + a**2):
    def answer(rho, a):
        rho = torch.as_tensor(rho)
        same = half_products(rho) * (1 + both * a**power)
        return 2 * (same + mixed * a * half_products(-rho)) / norm(a)

    return answer


WRONG = {
    "not-normalized": wrong(norm=lambda a: 1.0),
    "mean-square-of-the-leak": wrong(norm=lambda a: 1 + a),
    "mixed-sign": wrong(mixed=2.0),
    "mixed-missing": wrong(mixed=0.0),
    "both-negative-missing": wrong(both=0.0),
    "leak-once": wrong(power=1),
}

UNLISTED = [
    (lambda rho, a: rho, "different", "differs"),
    (lambda rho, a: 3 * by_products(rho, a), "factor", "fixed 3"),
    (lambda rho, a: by_products(-torch.as_tensor(rho), a), "different", "differs"),
]

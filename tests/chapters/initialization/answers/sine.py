"""initialization-sine."""

import math

import numpy as np
import torch

from lecturelib.exercises import given

SLUG = "initialization-sine"
OMEGA = given(SLUG)["omega"]
E = math.exp(-2 * OMEGA**2)
NV = 2 / (1 - E)
RHO = math.sqrt(OMEGA**2 * (1 + E) / (1 - E))


def measured(layers=20, n=256, nv=NV):
    """Gradients by the chain rule, layer by layer."""
    rng = np.random.default_rng(0)
    h, sums, weights = rng.normal(size=(n, 64)), [], []
    for _ in range(layers):
        weights.append(rng.normal(size=(n, n)) * math.sqrt(nv / n))
        sums.append(weights[-1] @ h)
        h = np.sin(OMEGA * sums[-1])
    g, sizes = rng.normal(size=h.shape), []
    for w, z in zip(weights[::-1], sums[::-1], strict=True):
        g = g * OMEGA * np.cos(OMEGA * z)
        sizes.append(np.sqrt((g**2).mean()))
        g = w.T @ g
    return (sizes[-1] / sizes[0]) ** (1 / (layers - 1))


RIGHT = [
    (NV, RHO, measured()),
    [NV, RHO, RHO],
    torch.tensor([NV, RHO, measured(layers=30)]),
    {"nv": NV, "predicted": RHO, "measured": RHO},
]

WRONG = {
    "he": (2.0, RHO, RHO),
    "linear": (1 / OMEGA**2, 1.0, 1.0),
    "root": (math.sqrt(NV), RHO, RHO),
    "upside-down": (1 / NV, RHO, RHO),
    "average-of-the-sine": (2 / (1 - math.exp(-(OMEGA**2))), RHO, RHO),
    "variance-wrong": (NV / 256, RHO, RHO),
    "mean-square": (NV, RHO**2, RHO),
    "signal": (NV, 1.0, RHO),
    "slope-only": (NV, RHO / math.sqrt(NV), RHO),
    "omega-lost": (NV, RHO / OMEGA, RHO),
    "factor-upwards": (NV, 1 / RHO, RHO),
    "factor-wrong": (NV, 1.05 * RHO, RHO),
    "measured-upwards": (NV, RHO, 1 / RHO),
    "measured-square": (NV, RHO, RHO**2),
    "not-measured": (NV, RHO, measured(nv=1.0)),
}

UNLISTED = [
    ((NV, RHO), "not-three-numbers", "three numbers"),
    ("two, one and a half", "not-three-numbers", "three numbers"),
    ((NV, RHO, RHO**20), "not-measured", "19th root"),
    ((NV, OMEGA, RHO), "factor-wrong", "n·v is right"),
]

"""loss-smoothness-powers."""

import math

import torch

from lecturelib.exercises import given

SLUG = "loss-smoothness-powers"
NETWORKS = given(SLUG)


def measured(kind, *, seed=0, width=24):
    """The power between two steps far out, along a random direction."""
    draws = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=draws, dtype=torch.float64) / width**0.5

    x = normal(width, 40) * width**0.5

    def layer(h, eta, pair):
        return (pair[0] + eta * pair[1]) @ h

    def logits(eta, pairs, gain):
        h, n = x, 0
        if kind == "residual":
            h = layer(h, eta, pairs[0]).relu()
            for b in range(NETWORKS["residual"]["blocks"]):
                h = h + layer(layer(h, eta, pairs[1 + 2 * b]).relu(), eta, pairs[2 + 2 * b])
            return layer(h, eta, pairs[-1])
        for pair in pairs[:-1]:
            h, n = layer(h, eta, pair), n + 1
            if kind == "one norm" and n == NETWORKS["one norm"]["norm after"]:
                h = (h - h.mean(1, keepdim=True)) / h.std(1, keepdim=True)
                h = (gain[0] + eta * gain[1]) * h
            h = h.tanh() if kind == "tanh" else h.relu()
        return layer(h, eta, pairs[-1])

    count = {
        "plain": NETWORKS["plain"],
        "one norm": NETWORKS["one norm"]["hidden"],
        "residual": 1 + 2 * NETWORKS["residual"]["blocks"],
        "tanh": NETWORKS["tanh"],
    }[kind]
    pairs = [(normal(width, width), normal(width, width)) for _ in range(count + 1)]
    gain = (torch.ones(width, 1, dtype=torch.float64), normal(width, 1))
    low, high = (logits(eta, pairs, gain).abs().mean().item() for eta in (1e5, 1e6))
    return math.log10(high / low)


MEASURED = {kind: measured(kind) for kind in NETWORKS}
RIGHT = [
    {kind: round(power) for kind, power in MEASURED.items()},
    list(MEASURED.values()),
    torch.tensor([round(power) for power in MEASURED.values()]),
    tuple(float(round(power)) for power in MEASURED.values()),
]
BEST = [round(power) for power in MEASURED.values()]


def but(place, value):
    return [value if k == place else best for k, best in enumerate(BEST)]


WRONG = {
    "output-forgotten": [BEST[0] - 1, BEST[1] - 1, BEST[2] - 1, BEST[3]],
    "plain-wrong": but(0, BEST[0] - 1),
    "one-norm-wrong": but(1, 2),
    "one-power-a-block": but(2, NETWORKS["residual"]["blocks"] + 2),
    "residual-wrong": but(2, 1),
    "tanh-wrong": but(3, BEST[0]),
    "not-four-numbers": BEST[:3],
    "not-finite": but(1, math.inf),
}

UNLISTED = [
    ([1, 1, 1, 1], "plain-wrong", "Right: 1 of the 4"),
    (but(1, BEST[1] - 1), "one-norm-wrong", "γ"),
    ("nine", "not-four-numbers", "four numbers"),
]

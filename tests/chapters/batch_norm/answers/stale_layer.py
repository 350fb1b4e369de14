"""batch-norm-stale-layer."""

import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.exercises import given

SLUG = "batch-norm-stale-layer"
DATA = given(SLUG)


def by_statistics():
    """Statistics of what enters each norm in training, against what it has stored."""
    h, off = DATA["x"], {}
    with torch.no_grad():
        for name, layer in DATA["model"].named_children():
            if isinstance(layer, nn.BatchNorm1d):
                off[name] = (layer.running_var / h.var(0)).log().abs().max().item()
                h = F.batch_norm(h, None, None, layer.weight, layer.bias, training=True)
            else:
                h = layer(h)
    return max(off, key=off.get)


def by_repair():
    """The first norm whose output in evaluation is not standard, up to its scale and shift."""
    h = DATA["x"]
    with torch.no_grad():
        for name, layer in DATA["model"].named_children():
            h = layer(h)
            if isinstance(layer, nn.BatchNorm1d):
                standard = (h - layer.bias) / layer.weight
                if (standard.std(0) - 1).abs().max() > 0.1:
                    return name
    return None


FOUND = by_statistics()
NUMBER = int(FOUND[-1])

RIGHT = [FOUND, by_repair(), [FOUND], f" {FOUND.upper()} ", f"Norm {NUMBER}"]

WRONG = {
    "downstream": f"norm{NUMBER + 1}",
    "upstream": f"norm{NUMBER - 1}",
    "not-a-norm": f"linear{NUMBER}",
    "several-layers": [f"norm{i}" for i in range(NUMBER, 6)],
    "no-such-layer": "norm6",
    "not-a-name": NUMBER,
}

UNLISTED = [
    ("norm5", "downstream", "training mode"),
    ("relu2", "not-a-norm", "the same in training"),
    ("the second", "no-such-layer", "no layer"),
]

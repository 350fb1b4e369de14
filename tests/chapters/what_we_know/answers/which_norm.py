"""what-we-know-which-norm."""

import numpy as np
import torch

from tests.exercises.styles import as_object

SLUG = "what-we-know-which-norm"


def one_entry(layer, shape):
    """Two inputs that differ in one entry."""
    x = torch.randn(*shape, dtype=torch.float64)
    y = x.clone()
    y[0, 0, 0] += 1.0
    moved = (layer(x) - layer(y)).abs() > 1e-9
    if moved[1:].any():
        return "batch"
    if moved[0, -1].any():
        return "layer"
    if moved[0, 1:].any():
        return "group"
    return "instance" if moved[0, 0, 1:].any() else "none"


def with_numpy(layer, shape):
    """The same with arrays, counting the channels that move."""
    x = np.random.default_rng(0).normal(size=shape)
    y = x.copy()
    y[0, 0] *= np.linspace(1.0, 2.0, shape[2])
    gap = np.abs(layer(y) - layer(x)) > 1e-9
    channels = gap[0].any(axis=1).sum()
    if gap[1:].any():
        return "batch norm"
    if channels == shape[1]:
        return "LayerNorm"
    if channels > 1:
        return "GroupNorm"
    y = x.copy()
    y[0, 0, 0] += 1
    return "Instance" if np.abs(layer(y) - layer(x))[0, 0, 1:].max() > 1e-9 else "none"


def by_the_gradient(layer, shape):
    """Which inputs the first output depends on."""
    x = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(layer(x)[0, 0, 0], x)
    used = slope != 0
    if used[1:].any():
        return "batch"
    share = used[0].any(1).double().mean().item()
    if share == 1:
        return "layer"
    if share == 0.5 and shape[1] > 2:
        return "group"
    return "instance" if used[0, 0, 1:].any() else "none"


def in_single(layer, shape):
    """In float32, with a larger change."""
    x = torch.randn(*shape)
    y = x.clone()
    y[0, 0, 0] += 3
    gap = (layer(x) - layer(y)).float().abs().gt(1e-4)
    found = (gap[1:].any(), gap[0, -1].any(), gap[0, 1].any(), gap[0, 0, 1].any())
    names = ("batch", "layer", "group", "instance")
    return next((name for name, there in zip(names, found, strict=True) if there), "no norm")


RIGHT = [one_entry, with_numpy, by_the_gradient, in_single, as_object(one_entry)]


def replacing(old, new):
    return lambda layer, shape: {old: new}.get(found := one_entry(layer, shape), found)


WRONG = {
    "missed-batch": replacing("batch", "layer"),
    "missed-layer": replacing("layer", "group"),
    "missed-instance": replacing("instance", "none"),
    "missed-group": replacing("group", "layer"),
    "missed-none": replacing("none", "instance"),
    "not-a-name": lambda layer, shape: 3,
}


def by_mean_of_the_output(layer, shape):
    """As if γ were 1 and β 0."""
    out = layer(torch.randn(*shape, dtype=torch.float64))
    for name, dims in (("batch", (0, 2)), ("layer", (1, 2)), ("instance", 2)):
        if out.mean(dims).abs().max() < 1e-6:
            return name
    return "none"


def last_channel_only(layer, shape):
    """Layer norm or not: a group is not looked for."""
    found = one_entry(layer, shape)
    return "instance" if found == "group" else found


UNLISTED = [
    (by_mean_of_the_output, "missed-batch", "change one sample"),
    (last_channel_only, "missed-group", "half of the channels"),
    (lambda layer, shape: layer(torch.zeros(1)), "exception", "IndexError"),
]

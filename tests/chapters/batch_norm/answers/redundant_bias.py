"""batch-norm-redundant-bias."""

import torch
from torch import nn

SLUG = "batch-norm-redundant-bias"
MAPS, NORMS = (nn.Linear, nn.Conv2d), (nn.BatchNorm1d, nn.BatchNorm2d)


def by_layers(model, x):
    """A constant survives linear layers and dies in a batch norm."""
    found, pending = [], []
    for i, layer in enumerate(model):
        if isinstance(layer, NORMS):
            found += pending
            pending = [f"{i}.bias"]
        elif isinstance(layer, MAPS):
            pending.append(f"{i}.bias")
        elif isinstance(layer, nn.ReLU):
            pending = []
    return found


def by_moving(model, x):
    """Measures: moves each bias and looks."""
    names = set()
    with torch.no_grad():
        before = model(x)
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                old = parameter.clone()
                parameter += torch.linspace(1.0, 2.0, parameter.numel()).to(parameter)
                if torch.allclose(model(x), before):
                    names.add(name)
                parameter.copy_(old)
    return names


def by_gradient(model, x):
    """Measures: the gradient of a random combination of the outputs."""
    y = model(x)
    y.backward(torch.randn_like(y))
    return tuple(
        n for n, p in model.named_parameters() if "bias" in n and p.grad.abs().max() < 1e-8
    )


def flattened_before_the_next_norm(model, i):
    kinds = [type(layer) for layer in list(model)[i + 1 :]]
    norm = next(j for j, kind in enumerate(kinds) if issubclass(kind, NORMS))
    return nn.Flatten in kinds[:norm]


RIGHT = [by_layers, by_moving, by_gradient]


def bias_of(rule):
    return lambda model, x: [f"{i}.bias" for i in range(len(model)) if rule(model, i)]


def anywhere_later(model, i):
    return isinstance(model[i], MAPS) and any(isinstance(later, NORMS) for later in model[i + 1 :])


def right_before(model, i):
    return isinstance(model[i], MAPS) and i + 1 < len(model) and isinstance(model[i + 1], NORMS)


def zero_sum_gradient(model, x):
    model(x).sum().backward()
    return [n for n, p in model.named_parameters() if "bias" in n and p.grad.abs().max() < 1e-8]


def in_evaluation(model, x):
    return by_moving(model.eval(), x)


WRONG = {
    "nothing-found": in_evaluation,
    "every-layer-bias": bias_of(lambda model, i: isinstance(model[i], MAPS)),
    "batch-norm-anywhere-later": bias_of(anywhere_later),
    "beta-listed": bias_of(lambda model, i: isinstance(model[i], NORMS)),
    "neighbours-only": bias_of(right_before),
    "linear-layers-only": bias_of(
        lambda model, i: isinstance(model[i], nn.Linear) and right_before(model, i)
    ),
    "layer-after": bias_of(
        lambda model, i: i > 0 and isinstance(model[i], MAPS) and isinstance(model[i - 1], NORMS)
    ),
    "sum-as-loss": zero_sum_gradient,
    "beta-overlooked": lambda model, x: [
        n for n in by_layers(model, x) if isinstance(model[int(n[0])], MAPS)
    ],
    "unknown-names": lambda model, x: ["0"],
    "not-names": lambda model, x: [model[0].bias],
    "weights-listed": lambda model, x: ["0.weight"],
    "flatten-in-the-way": lambda model, x: [
        n for n in by_layers(model, x) if not flattened_before_the_next_norm(model, int(n[0]))
    ],
}

UNLISTED = [
    (lambda model, x: ["0.bias"], "counts-after-all", "moves the output"),
    (lambda model, x: [f"{len(model) - 1}.bias"], "counts-after-all", "training mode"),
    (lambda model, x: by_layers(model, x)[:1], "one-missed", "another bias"),
    (lambda model, x: "0.bias", "not-names", "set or list"),
]

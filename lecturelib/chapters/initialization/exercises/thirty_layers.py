"""initialization-thirty-layers: a deep narrow network that learns without help."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.9  # of the 360 test digits
HIDDEN, WIDEST = 30, 32
FUNCTIONS = (
    nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SELU, nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Tanh,
)  # fmt: skip


def _layers(answer: Any) -> list[nn.Linear]:
    """The linear layers of a plain network; a Finding where it is none."""
    if not isinstance(answer, nn.Sequential):
        raise Finding(
            "not-sequential",
            "Wanted is the trained network, an nn.Sequential of nn.Linear layers and activations.",
            got=describe(answer),
        )
    odd = [type(m).__name__ for m in answer if type(m) not in (nn.Linear, *FUNCTIONS)]
    if odd:
        raise Finding(
            "not-plain",
            "The network holds more than nn.Linear layers and activations. It should do without "
            "normalization, skips and dropout.",
            got=", ".join(dict.fromkeys(odd)),
        )
    linear = [m for m in answer if isinstance(m, nn.Linear)]
    sizes = [linear[0].in_features, *(m.out_features for m in linear)] if linear else []
    deep = len(linear) == HIDDEN + 1 and sizes[0] == 64 and sizes[-1] == 10
    if not deep or max(sizes[1:-1]) > WIDEST:
        raise Finding(
            "wrong-sizes",
            f"Wanted are 64 inputs, {HIDDEN} hidden layers of at most {WIDEST} units, and 10 "
            "outputs.",
            got=f"{max(len(linear) - 1, 0)} hidden layers",
        )
    for first, second in pairwise(answer):
        if isinstance(first, nn.Linear) and isinstance(second, nn.Linear):
            raise Finding(
                "no-activation",
                "Two linear layers follow on each other without an activation between: they are "
                "one layer.",
            )
    return linear


def examine(trial: Trial) -> None:
    _layers(trial.answer)
    model = copy.deepcopy(trial.answer).eval()
    data = load_digits(standardize=True)
    with torch.no_grad():
        out = model(data.x_test.to(next(model.parameters()))).double().cpu()
    score = (out.argmax(1) == data.y_test).double().mean().item()
    if score >= WANTED and out.isfinite().all():
        return
    if not out.isfinite().all():
        raise Finding(
            "exploded",
            "The outputs are not finite: the training has diverged. Take a smaller rate, or clip "
            "the gradient.",
        )
    spread, got = out.std(0).max().item(), f"test accuracy {score:.3f}"
    if spread < 1e-3:
        raise Finding(
            "no-signal",
            f"The outputs hardly depend on the input: over the digits they vary by {spread:.0e}. "
            "What does the factor a layer of your start predict?",
            got=got,
        )
    if score < 0.2:
        raise Finding(
            "not-trained",
            "The network answers hardly better than chance, although the input reaches its "
            "outputs. Did the loss fall?",
            got=got,
        )
    raise Finding(
        "not-enough",
        f"It has learnt something, but less than {WANTED}. Try another rate, more steps, another "
        "start, or another activation: some keep more directions alive than others.",
        got=got,
    )


EXERCISE = Exercise(
    slug="initialization-thirty-layers",
    title="Train and tune it: thirty layers without help",
    chapter="initialization",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants=f"the trained network, an nn.Sequential with a test accuracy of {WANTED} or more",
    hints=(
        "Print the loss of the first 50 steps for a few starts before you train for long.",
        "In narrow layers single networks scatter round the formula; a start that measures, layer "
        "by layer, does not.",
        "Which activation is linear round zero, and which weights keep all directions there?",
    ),
    examine=examine,
)

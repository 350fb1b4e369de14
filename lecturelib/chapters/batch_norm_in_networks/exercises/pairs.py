"""batch-norm-in-networks-pairs: a network that learns from batches of two."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.normalizing import normalizer
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.9  # of the 360 test digits


def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    try:
        with torch.no_grad():
            out = model(x)
    except (RuntimeError, TypeError, ValueError) as error:
        raise Finding(
            "wrong-inputs", "The network should map (N, 64) to (N, 10).", got=str(error)[:80]
        ) from None
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    return (out.argmax(1) == y).double().mean().item()


def _names(model: nn.Module) -> list[str]:
    return [type(m).__name__ for m in model.modules() if "norm" in type(m).__name__.lower()]


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    names = _names(answer)
    model = copy.deepcopy(answer).eval()
    parameter = next(model.parameters(), torch.zeros(0))
    data = load_digits(standardize=True)
    x, y = data.x_test.to(parameter), data.y_test.to(parameter.device)
    score = _accuracy(model, x, y)
    norm = normalizer(model, x[:29])
    if names and not norm:
        raise Finding(
            "norm-unused",
            "The network holds a layer that normalizes, but the images do not go through it.",
            got=names[0],
        )
    if not norm:
        raise Finding(
            "no-norm", "The network has no layer that normalizes; wanted is one with such layers."
        )
    if score >= WANTED:
        return
    got = f"test accuracy {score:.3f}, layers: {', '.join(dict.fromkeys(names or [norm]))}"
    if score < 0.2:
        raise Finding(
            "not-trained",
            "The network answers hardly better than chance. Has it been trained, on standardized"
            " images, and did the loss fall?",
            got=got,
        )
    if any(name.startswith("BatchNorm") for name in names):
        raise Finding(
            "batch-norm-in-pairs",
            "Batch norm in batches of two is what the chapter warns of. Which normalization takes"
            " its statistics elsewhere?",
            got=got,
        )
    raise Finding(
        "not-enough",
        f"It has learnt something, but less than {WANTED}. Small batches want small rates, and"
        " several epochs: try both.",
        got=got,
    )


EXERCISE = Exercise(
    slug="batch-norm-in-networks-pairs",
    title="Train and tune it: batches of two",
    chapter="batch_norm_in_networks",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the trained network: test accuracy of {WANTED} or more in evaluation mode",
    hints=(
        "Train with batch norm first, and look at the size of the gradients of the first layer.",
        "A rate that suits batches of 32 is too large for batches of two: divide it by 16.",
        "Layer norm and group norm take their statistics within a sample.",
    ),
    examine=examine,
)

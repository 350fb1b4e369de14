"""optimizers-traces: which of six solvers made which trace?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.diagnosing import examine_names
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Trial

STEPS, RATE = 25, 0.1
NAMES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
_LOOK = {
    frozenset({"momentum", "nesterov"}): "Their first steps differ: which one is ηg?",
    frozenset({"adagrad", "rmsprop"}): "Their first steps differ: which one is ten times as long?",
    frozenset({"rmsprop", "adam"}): "One of them has a first step of η/√(1 − β₂).",
    frozenset({"adagrad", "adam"}): "Both begin with a step of η. What does a step do after one "
    "gradient of the other sign?",
    frozenset({"sgd", "momentum"}): "Both begin with −ηg. Divide the second step by the second "
    "gradient.",
}


def _optimizer(name: str, theta: Tensor) -> torch.optim.Optimizer:
    params = [theta]
    if name == "adagrad":
        return torch.optim.Adagrad(params, RATE)
    if name == "rmsprop":
        return torch.optim.RMSprop(params, RATE)
    if name == "adam":
        return torch.optim.Adam(params, RATE)
    momentum = 0.0 if name == "sgd" else 0.9
    return torch.optim.SGD(params, RATE, momentum=momentum, nesterov=name == "nesterov")


def trace(name: str, g: Tensor) -> Tensor:
    """Places of a parameter that starts at 0 and gets these gradients, one more than gradients."""
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = _optimizer(name, theta)
    places = [0.0]
    for value in g:
        theta.grad = value.reshape(1).clone()
        optimizer.step()
        places.append(theta.item())
    return torch.tensor(places, dtype=torch.float64)


def given(draws: Draws) -> Mapping[str, Any]:
    """Gradients, and the places of six parameters that got them, by letter."""
    order = draws.some(NAMES, len(NAMES))
    g = draws.signed(STEPS)
    return {"g": g, "lr": RATE} | {
        letter: trace(name, g) for letter, name in zip("abcdef", order, strict=True)
    }


def examine(trial: Trial) -> None:
    right = trial.draws.some(NAMES, len(NAMES))
    begin = (
        "Take the differences of each trace: the size of the first step, then what the second "
        "step adds to it."
    )
    examine_names(trial, right, _LOOK, begin=begin, otherwise="Look at their first two steps.")


EXERCISE = Exercise(
    slug="optimizers-traces",
    title="Diagnose: six traces, six solvers",
    chapter="optimizers",
    kind="question",
    difficulty=2,
    minutes=25,
    wants="six names, for a to f in this order, such as 'adam, sgd, …'",
    hints=(
        "steps = trace.diff(), and steps / g for each letter.",
        "Two methods begin with ηg, one with 1.9 ηg; two begin with η whatever g is, one with 10η.",
        "After many steps the sizes tell AdaGrad: they have fallen as 1/√t.",
    ),
    examine=examine,
    given=given,
)

"""optimizers-traces: which of six solvers made which trace?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

STEPS, RATE = 25, 0.1
NAMES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
_HINTS = {
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


def _order(draws: Draws) -> list[str]:
    order: list[str] = []
    while len(order) < len(NAMES):
        order.append(draws.choice([name for name in NAMES if name not in order]))
    return order


def given(draws: Draws) -> Mapping[str, Any]:
    """Gradients, and the places of six parameters that got them, by letter."""
    order = _order(draws)
    g = draws.signed(STEPS)
    return {"g": g, "lr": RATE} | {
        letter: trace(name, g) for letter, name in zip("abcdef", order, strict=True)
    }


def _read(answer: Any) -> list[str]:
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    if isinstance(answer, dict) and sorted(answer) == list("abcdef"):
        answer = [answer[letter] for letter in "abcdef"]
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    names = (
        [str(name).strip().lower() for name in answer] if isinstance(answer, list | tuple) else []
    )
    if len(names) != len(NAMES) or not set(names) <= set(NAMES):
        raise Finding(
            "not-names",
            f"Wanted are six names, for a to f in this order, of: {', '.join(NAMES)}.",
            got=describe(answer),
        )
    if len(set(names)) < len(NAMES):
        raise Finding("one-twice", "Each solver made one trace; you name one of them twice.")
    return names


def examine(trial: Trial) -> None:
    names, order = _read(trial.answer), _order(Draws("optimizers-traces", trial.key))
    wrong = {right for name, right in zip(names, order, strict=True) if name != right}
    if len(wrong) > 2:
        raise Finding(
            "several-wrong",
            f"{len(wrong)} of the six are wrong. Take the differences of each trace: the size of "
            "the first step, then what the second step adds to it.",
        )
    if wrong:
        hint = _HINTS.get(frozenset(wrong), "Look at their first two steps.")
        raise Finding("two-exchanged", f"You exchanged {' and '.join(sorted(wrong))}. {hint}")


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

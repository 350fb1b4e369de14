"""backprop-fool-check: a mistake that the sum of the outputs does not show."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

SIZE = 5


def _close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-4, atol=1e-6)


def _answer(trial: Trial, special: str, x: Tensor, g: Tensor) -> Tensor:
    """The answer's gradient, of the shape of x; a Finding where it is none."""
    case = Case(special, {"x": x, "g": g})
    value = trial.call(case)
    gradient, got = to_tensor(value), describe(value)
    if gradient is None or gradient.shape != x.shape:
        raise Finding(
            "wrong-shape",
            "A gradient has the shape of its value: wanted are as many numbers as x has.",
            tried=trial.tried(case),
            got=got,
        )
    if not gradient.isfinite().all():
        raise Finding(
            "not-finite", "The gradient has entries that are not finite.", tried=trial.tried(case)
        )
    return gradient


def _linear_at_ones(trial: Trial, x: Tensor, by_g: Tensor, g: Tensor) -> None:
    """A Finding when the ones are treated apart, or a cotangent with entries in another order."""
    rest = _answer(trial, "ones without a random cotangent", x, 1 - g)
    if not _close(by_g + rest, 2 * x):
        raise Finding(
            "ones-apart",
            "The result is not linear in g: wrong_vjp(x, g) + wrong_vjp(x, 1 − g) is not "
            "wrong_vjp(x, 1), the gradient for all ones. These may not be treated apart.",
        )
    units = [
        _answer(trial, "a cotangent of one entry", x, unit) for unit in torch.eye(SIZE).double()
    ]
    if not _close(g @ torch.stack(units), by_g):
        raise Finding(
            "not-linear",
            "The result is not linear in g: it is not the sum of g_i·wrong_vjp(x, e_i) over the "
            "cotangents e_i that are 1 at one place and 0 elsewhere.",
        )


def examine(trial: Trial) -> None:
    trial.needs_function("x", "g")
    d = trial.draws
    ones = torch.ones(SIZE, dtype=torch.float64)
    for _ in range(2):
        x, g, other = d.signed(SIZE), d.signed(SIZE), d.signed(SIZE)
        if not _close(_answer(trial, "all ones", x, ones), 2 * x):
            raise Finding(
                "sum-finds-it",
                "The check of the sum finds this mistake: for a cotangent of all ones the gradient "
                "is not 2x.",
            )
        by_g, by_other = (_answer(trial, "a random cotangent", x, v) for v in (g, other))
        if _close(by_g, by_other):
            raise Finding(
                "ignores-g",
                "The result is the same for two different cotangents. A vjp is linear in g: for "
                "g = 0 it gives 0.",
            )
        mixed = _answer(trial, "a mixture of two cotangents", x, 2 * g - 3 * other)
        if not _close(mixed, 2 * by_g - 3 * by_other):
            raise Finding(
                "not-linear",
                "The result is not linear in g: wrong_vjp(x, 2g − 3g′) is not 2·wrong_vjp(x, g) − "
                "3·wrong_vjp(x, g′).",
            )
        _linear_at_ones(trial, x, by_g, g)
        if _close(by_g, 2 * x * g):
            raise Finding(
                "right-everywhere",
                "This gradient is right for a random cotangent too, so it is no mistake. Which "
                "wrong use of g cannot be seen when all its entries are equal?",
            )


EXERCISE = Exercise(
    slug="backprop-fool-check",
    title="Break it: a mistake that the sum does not see",
    chapter="backprop",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function wrong_vjp(x, g) that returns as many numbers as x has",
    hints=(
        "For g of all ones the gradient must be 2x. What could be done to g that leaves all ones "
        "as they are?",
        "It must be linear in g: a mean, a permutation and a sum divided by a number are.",
    ),
    examine=examine,
)

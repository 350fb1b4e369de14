"""hidden-units-collapse: two linear layers as one."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weight", "the bias")


def oracle(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Parts:
    """Read off the affine map: its value at 0, and at the unit vectors."""

    def f(x: Tensor) -> Tensor:
        return F.linear(F.linear(x, w1, b1), w2, b2)

    zero = f(torch.zeros(w1.shape[1], dtype=w1.dtype))
    return (f(torch.eye(w1.shape[1], dtype=w1.dtype)) - zero).T, zero


def formula(
    w1: Tensor,
    b1: Tensor,
    w2: Tensor,
    b2: Tensor,
    *,
    exchanged: bool = False,
    first: str = "through",
    second: bool = True,
    transposed: bool = False,
) -> Parts:
    """Weight and bias with an argument for each way to get them wrong."""
    weight = w1 @ w2 if exchanged else w2 @ w1
    moved = {"through": w2 @ b1, "lost": torch.zeros_like(b2), "plain": b1}[first]
    if moved.shape != b2.shape:
        raise ValueError("the bias does not fit")
    return weight.T if transposed else weight, moved + (b2 if second else 0.0)


SLIPS = (
    Slip(
        "exchanged",
        (
            "You multiply the weights in the wrong order: the first layer acts first, so its "
            "matrix stands on the right."
        ),
        {"exchanged": True},
    ),
    Slip("first-bias-lost", "The bias of the first layer is lost.", {"first": "lost"}),
    Slip(
        "first-bias-not-multiplied",
        "The bias of the first layer goes through the second layer, too: multiply it.",
        {"first": "plain"},
    ),
    Slip("second-bias-lost", "The bias of the second layer is lost.", {"second": False}),
    Slip("transposed", "Your weight is transposed: rows are outputs.", {"transposed": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, width: int) -> Case:
        return Case(
            special,
            {
                "w1": draws.normal(width, 3),
                "b1": draws.signed(width),
                "w2": draws.normal(3, width),
                "b2": draws.signed(3),
            },
        )

    cases = [case("square layers", 3), case("square layers again", 3)]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-collapse",
    title="Two layers are one",
    chapter="hidden_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function collapse(w1, b1, w2, b2) that returns (weight, bias) of the one layer",
    hints=(
        "Insert the first layer into the second and multiply out.",
        "The first bias passes through the second weight.",
    ),
    examine=examine,
)

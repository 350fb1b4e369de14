"""hidden-units-collapse: two linear layers and a connection past them as one layer."""

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
        return x + F.linear(F.linear(x, w1, b1), w2, b2)

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
    product: str = "matrices",
    skip: str = "weight",
) -> Parts:
    """Weight and bias with an argument for each way to get them wrong."""
    weight = w1 @ w2 if exchanged else w2 @ w1
    moves = {
        "through": lambda: w2 @ b1,
        "lost": lambda: torch.zeros_like(b2),
        "plain": lambda: b1,
        "transpose": lambda: w2.T @ b1,
        "wrong layer": lambda: w1 @ b1,
        "both": lambda: w2 @ w1 @ b1,
        "swapped": lambda: w2 @ b2 + b1 - b2,
        "second": lambda: w1 @ b2 + b1 - b2,
    }
    moved = moves[first]()
    if moved.shape != b2.shape:
        raise ValueError("the bias does not fit")
    if product == "entries":
        weight = w2 * w1
    if skip == "weight":
        weight = weight + torch.eye(len(weight), dtype=weight.dtype)
    if skip == "ones":
        weight = weight + 1
    return weight.T if transposed else weight, moved + (b2 if second else 0.0)


SLIPS = (
    Slip("skip-lost", "The input that is added past the two layers is lost.", {"skip": "none"}),
    Slip(
        "ones-for-the-identity",
        "You add 1 to every entry of the weight. Adding x is adding the *identity* times x.",
        {"skip": "ones"},
    ),
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
    Slip(
        "first-bias-through-the-transpose",
        "The bias of the first layer goes through the *transposed* second weight (b₁W₂ is W₂ᵀb₁). "
        "Rows of a weight are outputs: W₂b₁.",
        {"first": "transpose"},
    ),
    Slip(
        "first-bias-through-the-first",
        "You multiply the first bias by the first weight. It is added after that one, and goes "
        "through the second.",
        {"first": "wrong layer"},
    ),
    Slip(
        "first-bias-through-both",
        "You multiply the first bias by both weights. It is added after the first one.",
        {"first": "both"},
    ),
    Slip(
        "biases-exchanged",
        "The two biases have changed places: the *first* one goes through the second layer.",
        {"first": "swapped"},
    ),
    Slip(
        "layers-exchanged-in-bias",
        "Your bias is that of the two layers in the other order.",
        {"first": "second"},
    ),
    Slip(
        "entry-by-entry",
        "You multiply the weights entry by entry. Layers follow each other: a matrix product.",
        {"product": "entries"},
    ),
    Slip("second-bias-lost", "The bias of the second layer is lost.", {"second": False}),
    Slip("transposed", "Your weight is transposed: rows are outputs.", {"transposed": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, inputs: int, width: int) -> Case:
        return Case(
            special,
            {
                "w1": draws.normal(width, inputs),
                "b1": draws.signed(width),
                "w2": draws.normal(inputs, width),
                "b2": draws.signed(inputs),
            },
        )

    # Square ones first, so that a wrong product has a value and can be recognized.
    cases = [case("square layers", 3, 3), case("square layers of two", 2, 2)]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)
    others = [
        case("3 inputs, 4 hidden", 3, 4),
        case("2 inputs, 1 hidden", 2, 1),
        case("one of each", 1, 1),
    ]
    judge(trial, others, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="hidden-units-collapse",
    title="A linear block with a skip connection",
    chapter="hidden_units",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function collapse(w1, b1, w2, b2) that returns (weight, bias) of the one layer",
    hints=(
        "Insert the first layer into the second and multiply out. Which matrix maps x to x?",
        "The first bias passes through the second weight.",
    ),
    examine=examine,
)

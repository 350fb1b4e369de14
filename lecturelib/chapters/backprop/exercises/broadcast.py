"""backprop-broadcast: a scale that is repeated along the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("dx", "ds")


def oracle(x: Tensor, s: Tensor, g: Tensor) -> Parts:
    """Automatic differentiation."""
    a, b = x.clone().requires_grad_(), s.clone().requires_grad_()
    return torch.autograd.grad(a * b, (a, b), g)


def formula(
    x: Tensor, s: Tensor, g: Tensor, *, reduced: str = "sum", kept: bool = False,
    factor: bool = True, scale: bool = True,
) -> Parts:  # fmt: skip
    """Both gradients with an argument for each way to get them wrong."""
    part = g * x if factor else g
    ds = {
        "sum": lambda: part.sum(0, keepdim=kept),
        "mean": lambda: part.mean(0, keepdim=kept),
        "other axis": lambda: part.sum(1, keepdim=kept),
        "none": lambda: part,
        "apart": lambda: g.sum(0) * x.sum(0),
        "all": lambda: part.sum(),
    }[reduced]()
    return (g * s if scale else g), ds


SLIPS = (
    Slip(
        "not-summed",
        "ds has the shape of the batch. s has one entry a column: what each row "
        "contributes to it adds up.",
        {"reduced": "none"},
    ),
    Slip(
        "averaged",
        "You average over the rows. Repeating s along the batch is a fan-out, whose "
        "gradients *add*; an average belongs to the cost, if it has one.",
        {"reduced": "mean"},
    ),
    Slip(
        "other-axis",
        "You sum over the columns. s was repeated along the rows.",
        {"reduced": "other axis"},
    ),
    Slip(
        "dimension-kept",
        "ds has an axis of length 1 too many: a gradient has the shape of its value.",
        {"kept": True},
    ),
    Slip(
        "input-forgotten",
        "In ds the factor x is missing: the derivative of x·s by s is x.",
        {"factor": False},
    ),
    Slip(
        "scale-forgotten",
        "In dx the factor s is missing: the derivative of x·s by x is s.",
        {"scale": False},
    ),
    Slip(
        "summed-apart",
        "You sum g and x separately, and multiply the sums. The products have to be summed.",
        {"reduced": "apart"},
    ),
    Slip(
        "summed-over-all",
        "You sum over everything. Each column has a scale of its own.",
        {"reduced": "all"},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    cases = [
        Case(special, {"x": d.normal(n, k), "s": d.signed(k), "g": d.normal(n, k)})
        for special, n, k in (("4 rows, 3 columns", 4, 3), ("3 rows, 3 columns", 3, 3))
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="backprop-broadcast",
    title="Undo broadcasting",
    chapter="backprop",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function scale_vjp(x, s, g) that returns (dx, ds)",
    hints=(
        "s is used once in each row: a fan-out.",
        "Each gradient has the shape of its value.",
    ),
    examine=examine,
)

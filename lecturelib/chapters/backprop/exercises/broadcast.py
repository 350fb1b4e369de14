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
    factor: bool = True, scale: bool = True, by_x: str = "right", by_s: str = "right",
) -> Parts:  # fmt: skip
    """Both gradients with an argument for each way to get them wrong."""
    part = g * x if factor else g
    part = {"right": part, "output": part * s, "value": x * x * s, "sizes": part.abs()}[by_s]
    ds = {
        "sum": lambda: part.sum(0, keepdim=kept),
        "mean": lambda: part.mean(0, keepdim=kept),
        "other axis": lambda: part.sum(1, keepdim=kept),
        "none": lambda: part,
        "apart": lambda: g.sum(0) * x.sum(0),
        "all": lambda: part.sum(),
        "first": lambda: part[0],
        "but last": lambda: part[:-1].sum(0),
    }[reduced]()
    dx = {
        "right": g * s if scale else g,
        "divided": g / s,
        "value": x * s,
        "sum": g * s.sum(),
        "size": g * s.abs(),
    }[by_x]
    return dx, ds


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
        "first-row-only",
        "Your ds holds what the first row contributes. All rows use s.",
        {"reduced": "first"},
    ),
    Slip(
        "last-row-lost",
        "Your ds leaves out the last row. All rows use s.",
        {"reduced": "but last"},
    ),
    Slip(
        "scale-in-ds",
        "In ds a factor s is too many: the derivative of x·s by s is x alone.",
        {"by_s": "output"},
    ),
    Slip(
        "divided-by-scale",
        "In dx you divide by s. The derivative of x·s by x is s: multiply.",
        {"by_x": "divided"},
    ),
    Slip(
        "value-for-gradient",
        "Your dx is the value x·s. What arrives from above is g: g·s.",
        {"by_x": "value"},
    ),
    Slip(
        "scales-summed",
        "In dx you multiply by the sum of all scales. Each column has its own.",
        {"by_x": "sum"},
    ),
    Slip(
        "scale-without-sign",
        "In dx the scale has lost its sign.",
        {"by_x": "size"},
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
        for special, n, k in (
            ("4 rows, 3 columns", 4, 3),
            ("3 rows, 3 columns", 3, 3),
            ("a single row", 1, 4),
            ("a single column", 5, 1),
        )
    ]
    sizes = torch.tensor([1e-3, 0.0, -1e3], dtype=torch.float64)
    special = "scales of different sizes, one of them 0"
    cases.append(
        Case(special, {"x": d.normal(3, 3) * sizes.flip(0), "s": sizes, "g": d.normal(3, 3)})
    )
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

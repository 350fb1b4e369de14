"""initialization-cliff-gradient: derivatives through time, by recursion."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the derivative by w", "the derivative by b")


def oracle(w: float, b: float, x0: float, length: int) -> Parts:
    """Automatic differentiation through all steps."""
    p = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(x0, dtype=torch.float64)
    for _ in range(length):
        x = p[0] * torch.sigmoid(x) + p[1]
    (gradient,) = torch.autograd.grad(x, p)
    return gradient[0], gradient[1]


def formula(
    w: float,
    b: float,
    x0: float,
    length: int,
    *,
    inherited: bool = True,
    slope: str = "right",
    weight: bool = True,
    order: str = "before",
    start: float = 0.0,
    first: str = "value",
    shorter: int = 0,
) -> Parts:
    """Both recursions with an argument for each way to get them wrong."""
    x = torch.tensor(x0, dtype=torch.float64)
    dw, db = (torch.tensor(start, dtype=torch.float64) for _ in range(2))
    for _ in range(length - shorter):
        s = torch.sigmoid(x)
        new = w * s + b
        at = torch.sigmoid(new) if order == "after" else s
        steep = {"right": at * (1 - at), "value": at, "one": torch.ones_like(at)}[slope]
        carry = (w if weight else 1.0) * steep * float(inherited)
        own = {"value": s, "state": x}[first]
        dw, db, x = own + carry * dw, 1 + carry * db, new
    return dw, db


SLIPS = (
    Slip(
        "inherited-lost",
        "You differentiate the last step alone. The state before it depends on w and b, too.",
        {"inherited": False},
    ),
    Slip(
        "slope-lost",
        "The inherited derivative passes the sigmoid: it lacks the factor σ′.",
        {"slope": "one"},
    ),
    Slip(
        "sigmoid-not-differentiated",
        "You multiply by σ. The chain rule wants σ′ = σ(1 − σ).",
        {"slope": "value"},
    ),
    Slip(
        "weight-lost",
        "The inherited derivative is multiplied by w, too.",
        {"weight": False},
    ),
    Slip(
        "new-state",
        "You take σ′ at the new state. It belongs to the state that went in.",
        {"order": "after"},
    ),
    Slip(
        "start-at-one",
        "Your recursion starts with derivative 1. x₀ depends on neither w nor b.",
        {"start": 1.0},
    ),
    Slip(
        "state-not-squashed",
        "By w each step contributes σ(x), not x.",
        {"first": "state"},
    ),
    Slip("one-step-short", "Your recursion is one step short.", {"shorter": 1}),
)


def examine(trial: Trial) -> None:
    cases = [
        Case("three steps", {"w": 4.0, "b": -1.5, "x0": 0.5, "length": 3}),
        Case("a single step", {"w": 3.0, "b": 0.5, "x0": -0.4, "length": 1}),
        Case("a negative weight", {"w": -5.0, "b": 1.0, "x0": 0.2, "length": 6}),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="initialization-cliff-gradient",
    title="The gradient at a cliff",
    chapter="initialization",
    kind="code",
    difficulty=3,
    minutes=25,
    wants="a function gradient(w, b, x0, length) that returns the derivatives (by w, by b)",
    hints=(
        "Carry three numbers from step to step: x, and its derivatives by w and by b.",
        "By b: d ← 1 + w σ′(x) d, with the old x.",
        "By w the first term is σ(x) in place of 1.",
    ),
    examine=examine,
)

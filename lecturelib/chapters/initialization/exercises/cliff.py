"""initialization-cliff-gradient: derivatives through time, by recursion."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the derivative by w", "the derivative by b")


def oracle(w: float, b: float, x0: float, length: int) -> Parts:
    """Automatic differentiation through all steps."""
    p = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(x0, dtype=torch.float64)
    for _ in range(length):
        x = p[0] * torch.sigmoid(x) + p[1]
    if not length:
        return torch.zeros(2, dtype=torch.float64).unbind()
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
    squashed: bool = False,
    one_at_least: bool = False,
) -> Parts:
    """Both recursions with an argument for each way to get them wrong."""
    x = torch.tensor(x0, dtype=torch.float64)
    x = torch.sigmoid(x) if squashed else x
    dw, db = (torch.tensor(start, dtype=torch.float64) for _ in range(2))
    for _ in range(max(length, 1) if one_at_least else length - shorter):
        s = torch.sigmoid(x)
        new = w * s + b
        at = torch.sigmoid(new) if order == "after" else s
        steep = {"right": at * (1 - at), "value": at, "one": torch.ones_like(at)}[slope]
        carry = (w if weight else 1.0) * steep * float(inherited)
        own = {"value": s, "state": x}.get(first, s)
        dw, db, x = own + carry * dw, 1 + carry * db, new
    if first == "factored":
        dw = db * torch.sigmoid(torch.tensor(x0, dtype=torch.float64))
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
    Slip("one-step-long", "Your recursion makes one step too many.", {"shorter": -1}),
    Slip(
        "start-squashed",
        "You start from σ(x₀). The first step applies σ itself.",
        {"squashed": True},
    ),
    Slip(
        "first-state-only",
        "By w you multiply the derivative by b with σ(x₀). Each step adds its own σ(x).",
        {"first": "factored"},
    ),
    Slip(
        "one-step-at-least",
        "With no step at all x₀ is the last state: both derivatives are 0.",
        {"one_at_least": True},
    ),
)


def examine(trial: Trial) -> None:
    usual = [
        Case("three steps", {"w": 4.0, "b": -1.5, "x0": 0.5, "length": 3}),
        Case("a single step", {"w": 3.0, "b": 0.5, "x0": -0.4, "length": 1}),
        Case("a negative weight", {"w": -5.0, "b": 1.0, "x0": 0.2, "length": 6}),
    ]
    edges = [
        Case("no step", {"w": 2.0, "b": 1.0, "x0": 0.3, "length": 0}),
        Case("a weight of 0", {"w": 0.0, "b": -0.7, "x0": 0.3, "length": 4}),
        Case("many steps", {"w": 6.0, "b": -3.2, "x0": 0.4, "length": 40}),
        # The edge between two valleys: 4 per step. A difference of 1e-4 is too wide there.
        Case("the edge of a cliff", {"w": 16.0, "b": -8.0, "x0": 2.0**-10, "length": 7}),
        Case("a start far out", {"w": 3.0, "b": -1.0, "x0": 12.0, "length": 5}),
    ]
    rules = (no_autograd(),)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, rules=rules)


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

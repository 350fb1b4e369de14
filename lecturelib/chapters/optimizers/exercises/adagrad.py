"""optimizers-adagrad: how far AdaGrad goes under a constant gradient."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(g: float, lr: float, steps: int) -> Tensor:
    """Let PyTorch's Adagrad go."""
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adagrad([theta], lr, eps=0)
    for _ in range(steps):
        theta.grad = torch.full((1,), g, dtype=torch.float64)
        optimizer.step()
    return theta.detach().abs()[0]


def formula(
    g: float,
    lr: float,
    steps: int,
    *,
    kind: str = "sum",
    power: float = 0.5,
    size: str = "one",
    first: int = 1,
) -> Tensor:
    """The distance with an argument for each way to get it wrong."""
    t = torch.arange(first, steps + first, dtype=torch.float64)
    if size == "negative":
        lr = lr * (1 if g > 0 else -1)
    t = t[:-1] if kind == "short" else t
    total = {
        "short": t.pow(-power).sum(),
        "sum": t.pow(-power).sum(),
        "bound": 2 * t[-1] ** 0.5,
        "last": t[-1] ** -power,
    }[kind]
    return lr * total * {"gradient": abs(g), "inverse": 1 / abs(g)}.get(size, 1.0)


SLIPS = (
    Slip(
        "bound",
        "2·lr·√steps is what the sum grows like, and it is more than the sum. Asked is the exact "
        "distance.",
        {"kind": "bound"},
    ),
    Slip(
        "last-step", "This is the size of the last step. Asked is the whole way.", {"kind": "last"}
    ),
    Slip(
        "no-root",
        "Your steps fall as 1/t. AdaGrad divides by the root of the sum of squares.",
        {"power": 1.0},
    ),
    Slip(
        "constant-steps",
        "Your steps do not fall: the sum of squares grows with each of them.",
        {"power": 0.0},
    ),
    Slip(
        "with-gradient",
        "Your way depends on the size of the gradient. It cancels in the quotient.",
        {"size": "gradient"},
    ),
    Slip(
        "one-late",
        "Your first step is lr/√2. The gradient of a step counts in the sum of that step: the "
        "first is lr.",
        {"first": 2},
    ),
    Slip(
        "over-gradient",
        "Your way falls with the size of the gradient. You have divided by it and not multiplied.",
        {"size": "inverse"},
    ),
    Slip("one-short", "You leave out the last step.", {"kind": "short"}),
    Slip(
        "signed",
        "For a negative gradient your way is negative. Asked is how far it goes.",
        {"size": "negative"},
    ),
)


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """On which side of the right number the answer lies."""
    return f"With {case.special} it is too {'large' if got[0] > wanted[0] else 'small'}."


def examine(trial: Trial) -> None:
    draws = trial.draws
    cases = [
        Case(
            "a large gradient",
            {"g": draws.uniform(1, low=3.0, high=9.0).item(), "lr": 0.1, "steps": 10},
        ),
        Case(
            "a negative one",
            {"g": -draws.uniform(1, low=0.2, high=0.6).item(), "lr": 1.0, "steps": 25},
        ),
    ]
    judge(trial, cases, oracle, parts=("the distance",), formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="optimizers-adagrad",
    title="How far AdaGrad goes",
    chapter="optimizers",
    kind="proof",
    difficulty=1,
    minutes=15,
    wants="a function distance(g, lr, steps) that returns one number, at least 0",
    hints=(
        "What is the sum of squares at step t?",
        "Step t has the size lr/√t. Add them up.",
    ),
    examine=examine,
)

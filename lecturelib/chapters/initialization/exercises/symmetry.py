"""initialization-one-unit: a layer of equal units is one unit."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new w", "the new v")


def oracle(w: Tensor, v: float, units: int, x: Tensor, y: float, lr: float) -> Parts:
    """All units written out, differentiated automatically."""
    incoming = w.repeat(units, 1).requires_grad_()
    outgoing = torch.full((units,), v, dtype=w.dtype, requires_grad=True)
    cost = (outgoing @ torch.tanh(incoming @ x) - y).square() / 2
    by_in, by_out = torch.autograd.grad(cost, (incoming, outgoing))
    return (incoming - lr * by_in)[-1].detach(), (outgoing - lr * by_out)[-1].detach()


def formula(
    w: Tensor,
    v: float,
    units: int,
    x: Tensor,
    y: float,
    lr: float,
    *,
    forward: str = "all",
    by_v: str = "each",
    by_w: str = "each",
    slope: bool = True,
    sign: float = -1.0,
    double: float = 1.0,
    rate: str = "own",
) -> Parts:
    """One step with an argument for each way to get it wrong."""
    h = torch.tanh(w @ x)
    total = {"all": units * v * h, "one": v * h, "mean": v * h}[forward]
    delta = double * (total - y)
    dv = delta * h * (units if by_v == "sum" else 1)
    dw = delta * v * ((1 - h**2) if slope else 1.0) * x * (units if by_w == "sum" else 1)
    lr = lr / units if rate == "shared" else lr
    return w + sign * lr * dw, v + sign * lr * dv


SLIPS = (
    Slip(
        "output-of-one",
        "Your output is that of one unit. All H units add to it.",
        {"forward": "one"},
    ),
    Slip(
        "outgoing-summed",
        "You add up the gradients of all outgoing weights. Each unit has its own weight, and its"
        " own gradient.",
        {"by_v": "sum"},
    ),
    Slip(
        "incoming-summed",
        "You add up the gradients of all incoming weights. Each unit has its own copy, and its own"
        " gradient.",
        {"by_w": "sum"},
    ),
    Slip(
        "slope-lost",
        "The gradient by w passes the activation: it lacks the factor 1 − tanh².",
        {"slope": False},
    ),
    Slip(
        "rate-shared",
        "You divide the rate by the number of units. Each unit makes a full step.",
        {"rate": "shared"},
    ),
    Slip("uphill", "You go up the gradient. Descent subtracts it.", {"sign": 1.0}),
    Slip("half-lost", "The cost has a factor ½, so its derivative has no 2.", {"double": 2.0}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, units: int, v: float) -> Case:
        w = draws.signed(3) / 2
        x = w.sign() * draws.uniform(3, low=0.3, high=0.8)  # far from tanh's straight middle
        return Case(special, {"w": w, "v": v, "units": units, "x": x, "y": 0.7, "lr": 0.25})

    cases = [case("four units", 4, 0.3), case("nine units", 9, -0.2)]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="initialization-one-unit",
    title="Many units, one unit",
    chapter="initialization",
    kind="proof",
    difficulty=2,
    minutes=25,
    wants="a function step(w, v, units, x, y, lr) that returns the new (w, v) of each unit",
    hints=(
        "Exchange two units: what happens to the cost?",
        "The output is H v tanh(wᵀx); its error is the same for all units.",
        "The gradient by one unit's v has no factor H: the other units have weights of their own.",
    ),
    examine=examine,
)

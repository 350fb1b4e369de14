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
    slope: str = "right",
    sign: float = -1.0,
    double: float = 1.0,
    rate: str = "own",
    lost: str = "",
    order: str = "together",
    returned: str = "v",
    target: str = "subtracted",
) -> Parts:
    """One step with an argument for each way to get it wrong."""
    h = torch.tanh(w @ x)
    total = {"all": units * v * h, "one": v * h, "mean": v * h}[forward]
    delta = double * (total + y if target == "added" else total - y)
    lr = lr * {"shared": 1 / units, "multiplied": units}.get(rate, 1.0)
    new_v = v + sign * lr * delta * h * (units if by_v == "sum" else 1)
    steep = {"right": 1 - h**2, "one": torch.ones_like(h), "not squared": 1 - h}[slope]
    dw = delta * steep * (torch.ones_like(x) if lost == "x" else x)
    dw = dw * (1.0 if lost == "v" else new_v if order == "v first" else v)
    dw = dw * (units if by_w == "sum" else 1)
    return w + sign * lr * dw, units * new_v if returned == "u" else new_v


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
        {"slope": "one"},
    ),
    Slip(
        "slope-not-squared",
        "The slope of tanh is 1 − tanh², not 1 − tanh.",
        {"slope": "not squared"},
    ),
    Slip(
        "outgoing-weight-lost",
        "The gradient by w passes the outgoing weight: it lacks the factor v.",
        {"lost": "v"},
    ),
    Slip(
        "input-lost",
        "The gradient by w lacks the input x, which w multiplies.",
        {"lost": "x"},
    ),
    Slip(
        "v-first",
        "You change v first and use the new one in the gradient by w. A step of SGD takes all "
        "gradients at the same place.",
        {"order": "v first"},
    ),
    Slip(
        "target-added",
        "You add the target to the output. The error is ŷ − y.",
        {"target": "added"},
    ),
    Slip(
        "sum-returned",
        "The new w is right, and for v you return u = Hv. Asked is the v that each unit has.",
        {"returned": "u"},
    ),
    Slip(
        "rate-multiplied",
        "You multiply the rate by the number of units. Each unit makes its own step with η.",
        {"rate": "multiplied"},
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

    usual = [case("four units", 4, 0.3), case("nine units", 9, -0.2)]
    zero = torch.zeros(3, dtype=torch.float64)
    edges = [
        case("one unit", 1, 0.5),
        case("outgoing weights of 0", 5, 0.0),
        Case("incoming weights of 0", {**case("", 3, 0.4).arguments, "w": zero}),
        Case("a single input", {**case("", 6, 0.3).arguments, "w": zero[:1] + 0.8,
                                "x": zero[:1] - 0.6}),
        Case("a large target", {**case("", 4, 0.3).arguments, "y": -500.0, "lr": 1e-3}),
    ]  # fmt: skip
    for cases in (usual, edges):
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

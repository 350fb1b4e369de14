"""optimizers-momentum: one step of SGD with momentum."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new velocity")


def oracle(theta: Tensor, v: Tensor, g: Tensor, lr: float, alpha: float) -> Parts:
    """PyTorch's functional SGD, with the velocity as its buffer."""
    p, buffer = theta.clone(), v.clone()
    sgd([p], [g], [buffer], weight_decay=0, momentum=alpha, lr=lr, dampening=0,
        nesterov=False, maximize=False, foreach=False)  # fmt: skip
    return p, buffer if alpha else g.clone()  # without momentum PyTorch keeps no buffer


def formula(
    theta: Tensor,
    v: Tensor,
    g: Tensor,
    lr: float,
    alpha: float,
    *,
    damped: bool = False,
    rate: str = "outside",
    old: bool = False,
    sign: float = -1.0,
    forget: bool = True,
    returned: str = "new",
    lookahead: bool = False,
    form: str = "lecture",
) -> Parts:
    """The step with an argument for each way to get it wrong."""
    if form == "textbook":
        new = alpha * v - lr * g
        return theta + new, new
    if form == "negative":
        new = alpha * v - g
        return theta + lr * new, new
    inner = 1.0 if rate in ("outside", "missing") else lr
    keep, share = alpha if forget else 1.0, 1 - alpha if damped else 1.0
    new = {"faded": alpha * (v + g), "exchanged": v + alpha * g}.get(
        form, keep * v + inner * share * g
    )
    outer = 1.0 if rate in ("inside", "missing") else lr
    if form == "unused":
        return theta - lr * g, new
    if lookahead:
        return theta + sign * outer * (g + alpha * new), new
    return theta + sign * outer * (v if old else new), v if returned == "old" else new


SLIPS = (
    Slip(
        "textbook-form",
        "This is the step of many textbooks, v ← αv − ηg and θ ← θ + v: a right step, of another v."
        " Here v is a sum of gradients without the rate and with their sign, and the step is −ηv.",
        {"form": "textbook"},
    ),
    Slip(
        "velocity-negative",
        "Your velocity points downhill, v ← αv − g. Here it is a sum of gradients with their own "
        "sign, and the step subtracts it.",
        {"form": "negative"},
    ),
    Slip(
        "velocity-unused",
        "You step against the gradient alone. The step is the whole new velocity.",
        {"form": "unused"},
    ),
    Slip(
        "gradient-faded",
        "You multiply the new gradient by α as well. It is faded from the next step on.",
        {"form": "faded"},
    ),
    Slip(
        "alpha-at-the-gradient",
        "α stands at the new gradient in your velocity. It multiplies the old velocity.",
        {"form": "exchanged"},
    ),
    Slip(
        "rate-missing",
        "The learning rate is missing: the step is η times the velocity.",
        {"rate": "missing"},
    ),
    Slip(
        "damped",
        "You weigh the gradient by 1 − α. That is Adam's average; the lecture's momentum adds the "
        "whole gradient.",
        {"damped": True},
    ),
    Slip(
        "rate-in-velocity",
        "You put the learning rate into the velocity. In the lecture's form it multiplies the "
        "whole velocity, the old one as well.",
        {"rate": "inside"},
    ),
    Slip(
        "old-velocity",
        "You move with the old velocity. The new gradient must count in this step already.",
        {"old": True},
    ),
    Slip("uphill", "Your parameters move uphill: the velocity is subtracted.", {"sign": 1.0}),
    Slip(
        "never-forgets",
        "Your velocity forgets nothing: the old one is multiplied by α.",
        {"forget": False},
    ),
    Slip(
        "rate-twice",
        "The learning rate comes in twice, in the velocity and in the step.",
        {"rate": "twice"},
    ),
    Slip(
        "returns-old-velocity",
        "You return the old velocity: the next step would not know of this gradient.",
        {"returned": "old"},
    ),
    Slip(
        "nesterov",
        "You step by g + αv, with the new velocity v. That is Nesterov's momentum.",
        {"lookahead": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, *shape: int, lr: float, alpha: float, scale: float = 1.0) -> Case:
        rows = {name: draws.signed(*shape) for name in ("theta", "v", "g")}
        rows["g"] = scale * rows["g"]
        return Case(special, {**rows, "lr": lr, "alpha": alpha})

    usual = [
        case("momentum 0.9", 4, lr=0.1, alpha=0.9),
        case("momentum 0.6", 3, lr=0.5, alpha=0.6),
    ]
    edges = [
        case("a matrix of parameters", 2, 3, lr=0.2, alpha=0.7),
        case("a single number", lr=0.3, alpha=0.5),
        case("no momentum", 3, lr=0.4, alpha=0.0),
        case("large gradients", 3, lr=0.1, alpha=0.9, scale=1e5),
        Case(
            "all at rest",
            {**{k: torch.zeros(2).double() for k in ("theta", "v")},
             "g": 1e-4 * draws.signed(2), "lr": 0.1, "alpha": 0.9},
        ),
    ]  # fmt: skip
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-momentum",
    title="A step with momentum",
    chapter="optimizers",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function momentum_step(theta, v, g, lr, alpha) that returns (theta, v) after the step",
    hints=(
        "First the velocity, then the parameters.",
        "The gradient enters the velocity with the factor 1, the velocity the step with lr.",
    ),
    examine=examine,
)

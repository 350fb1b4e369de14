"""optimizers-momentum: one step of momentum with the learning rate inside the velocity."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new velocity")


def oracle(theta: Tensor, u: Tensor, g: Tensor, lr: float, alpha: float) -> Parts:
    """PyTorch's functional SGD, whose buffer is −u/η at a constant rate."""
    p, buffer = theta.clone(), -u / lr
    sgd([p], [g], [buffer], weight_decay=0, momentum=alpha, lr=lr, dampening=0,
        nesterov=False, maximize=False, foreach=False)  # fmt: skip
    return p, -lr * (buffer if alpha else g)  # without momentum PyTorch keeps no buffer


def formula(
    theta: Tensor, u: Tensor, g: Tensor, lr: float, alpha: float, *, form: str = "right"
) -> Parts:
    """The step with a name for each way to get it wrong."""
    new = {
        "library": alpha * u + g,
        "no rate": alpha * u - g,
        "damped": alpha * u - lr * (1 - alpha) * g,
        "all rated": lr * (alpha * u - g),
        "uphill": alpha * u + lr * g,
        "keeps all": u - lr * g,
        "faded": alpha * (u - lr * g),
        "exchanged": u - alpha * lr * g,
    }.get(form, alpha * u - lr * g)
    step = {
        "library": -lr * new,
        "late rate": lr * new,
        "rate twice": lr * new,
        "old": u,
        "unused": -lr * g,
        "nesterov": alpha * new - lr * g,
        "subtracted": -new,
    }.get(form, new)
    return theta + step, u if form == "returns old" else new


SLIPS = (
    Slip(
        "library-form",
        "This is the form of the chapter, v ← αv + g and θ ← θ − ηv: a right step, of another "
        "velocity. Here the velocity holds the rate and points downhill.",
        {"form": "library"},
    ),
    Slip(
        "rate-missing",
        "The learning rate is missing: it multiplies the gradient as it enters the velocity.",
        {"form": "no rate"},
    ),
    Slip(
        "damped",
        "You weigh the gradient by 1 − α. That is Adam's average; momentum adds the whole ηg.",
        {"form": "damped"},
    ),
    Slip(
        "rate-on-all",
        "You multiply the old velocity by the rate as well. It has its rate inside already.",
        {"form": "all rated"},
    ),
    Slip(
        "rate-twice",
        "The learning rate comes in twice, in the velocity and in the step.",
        {"form": "rate twice"},
    ),
    Slip(
        "uphill",
        "Your velocity points uphill: the gradient is subtracted.",
        {"form": "uphill"},
    ),
    Slip(
        "subtracted",
        "You subtract the velocity from the parameters. Here it holds its sign and is added.",
        {"form": "subtracted"},
    ),
    Slip(
        "never-forgets",
        "Your velocity forgets nothing: the old one is multiplied by α.",
        {"form": "keeps all"},
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
        "old-velocity",
        "You move with the old velocity. The new gradient must count in this step already.",
        {"form": "old"},
    ),
    Slip(
        "velocity-unused",
        "You step against the gradient alone. The step is the whole new velocity.",
        {"form": "unused"},
    ),
    Slip(
        "nesterov",
        "You step by αu − ηg with the new velocity u. That is Nesterov's momentum.",
        {"form": "nesterov"},
    ),
    Slip(
        "returns-old-velocity",
        "You return the old velocity: the next step would not know of this gradient.",
        {"form": "returns old"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, *shape: int, lr: float, alpha: float, scale: float = 1.0) -> Case:
        rows = {name: draws.signed(*shape) for name in ("theta", "u", "g")}
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
            {**{k: torch.zeros(2).double() for k in ("theta", "u")},
             "g": 1e-4 * draws.signed(2), "lr": 0.1, "alpha": 0.9},
        ),
    ]  # fmt: skip
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-momentum",
    title="Momentum, the other way to write it",
    chapter="optimizers",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function other_step(theta, u, g, lr, alpha) that returns (theta, u) after the step",
    hints=(
        "First the velocity, then the parameters.",
        "The velocity is the step itself: the rate enters with the gradient, and nowhere else.",
    ),
    examine=examine,
)

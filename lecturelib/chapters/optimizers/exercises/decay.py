"""optimizers-decay: momentum with weight decay that is not in the gradient."""

from __future__ import annotations

import math

from torch import Tensor
from torch.optim.sgd import sgd

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new velocity")


def oracle(theta: Tensor, v: Tensor, g: Tensor, lr: float, alpha: float, lam: float) -> Parts:
    """Shrink by hand, then let PyTorch's functional SGD step."""
    p, buffer = theta * (1 - lr * lam), v.clone()
    sgd([p], [g], [buffer], weight_decay=0, momentum=alpha, lr=lr, dampening=0,
        nesterov=False, maximize=False, foreach=False)  # fmt: skip
    return p, buffer if alpha else g.clone()  # without momentum PyTorch keeps no buffer


def formula(
    theta: Tensor,
    v: Tensor,
    g: Tensor,
    lr: float,
    alpha: float,
    lam: float,
    *,
    where: str = "beside",
    strength: str = "right",
    form: str = "lecture",
) -> Parts:
    """The step with an argument for each way to get it wrong."""
    shrink = {
        "right": lr * lam,
        "rateless": lam,
        "growing": -lr * lam,
        "double": 2 * lr * lam,
        "long run": lr * lam / (1 - alpha),
        "half": lr * lam / 2,
        "squared": lr * lam**2,
        "exponential": 1 - math.exp(-lr * lam),
        "implicit": 1 - 1 / (1 + lr * lam),
    }
    f = shrink[strength]
    if form != "lecture":
        sign = 1.0 if form == "rated" else -1.0
        new = alpha * v + sign * lr * g
        return (1 - f) * theta - sign * new, new
    if where == "unused":
        return (1 - f) * theta - lr * g, alpha * v + g
    if where == "damped":
        new = alpha * v + (1 - alpha) * g
        return (1 - f) * theta - lr * new, new
    new = alpha * v + g + (f / lr * theta if where == "gradient" else 0.0)
    if where == "gradient":
        return theta - lr * new, new
    if where == "after":
        return (1 - f) * (theta - lr * new), new
    if where == "velocity":
        return theta - lr * (1 - f) * new, (1 - f) * new
    if where == "uphill":
        return (1 - f) * theta + lr * new, new
    if where == "nowhere":
        return theta - lr * new, new
    return (1 - f) * theta - lr * new, new


SLIPS = (
    Slip(
        "textbook-form",
        "The decay is right, and the velocity is that of many textbooks, v ← αv − ηg with "
        "θ ← … + v. Here v ← αv + g, and the step is −ηv.",
        {"form": "textbook"},
    ),
    Slip(
        "rate-in-velocity",
        "You put the learning rate into the velocity. Here v ← αv + g, and the rate multiplies the "
        "whole velocity in the step.",
        {"form": "rated"},
    ),
    Slip(
        "damped",
        "You weigh the gradient by 1 − α. Here the velocity adds the whole gradient.",
        {"where": "damped"},
    ),
    Slip(
        "velocity-unused",
        "The decay is right, and you step against the gradient alone. The step is the whole new "
        "velocity.",
        {"where": "unused"},
    ),
    Slip(
        "half",
        "Your decay is half as strong: the weights shrink by 1 − ηλ.",
        {"strength": "half"},
    ),
    Slip(
        "strength-squared",
        "Your decay has λ². The weights shrink by the factor 1 − ηλ.",
        {"strength": "squared"},
    ),
    Slip(
        "exponential",
        "You shrink by e^(−ηλ). That agrees with 1 − ηλ for small ηλ only.",
        {"strength": "exponential"},
    ),
    Slip(
        "implicit",
        "You divide by 1 + ηλ. That agrees with 1 − ηλ for small ηλ only.",
        {"strength": "implicit"},
    ),
    Slip(
        "penalty",
        "You put the decay into the gradient: that is the L2 penalty, which momentum then "
        "amplifies. Shrink the weights beside the step.",
        {"where": "gradient"},
    ),
    Slip(
        "shrinks-the-step",
        "You shrink after the step, and so the step as well. Shrink the old weights.",
        {"where": "after"},
    ),
    Slip(
        "velocity-decays",
        "You shrink the velocity. The decay belongs to the weights.",
        {"where": "velocity"},
    ),
    Slip("no-decay", "There is no decay in your step.", {"where": "nowhere"}),
    Slip(
        "rate-missing",
        "Your decay lacks the learning rate: the factor is 1 − lr·lam.",
        {"strength": "rateless"},
    ),
    Slip("grows", "Your weights grow instead of shrinking.", {"strength": "growing"}),
    Slip(
        "twice",
        "Your decay is twice as strong: the penalty is ½λ‖θ‖², with the gradient λθ.",
        {"strength": "double"},
    ),
    Slip(
        "long-run-strength",
        "You divide the decay by 1 − α. That is what a penalty would come to; the decay is beside "
        "the velocity.",
        {"strength": "long run"},
    ),
    Slip("uphill", "The decay is right; but the velocity is subtracted.", {"where": "uphill"}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, *shape: int, lr: float, alpha: float = 0.8, lam: float = 0.3) -> Case:
        rows = {name: draws.signed(*shape) for name in ("theta", "v", "g")}
        return Case(special, {**rows, "lr": lr, "alpha": alpha, "lam": lam})

    usual = [case("rate 0.2", 4, lr=0.2), case("rate 0.5", 3, lr=0.5)]
    edges = [
        case("a matrix of weights", 2, 3, lr=0.1),
        case("a single weight", lr=0.3),
        case("no momentum", 3, lr=0.2, alpha=0.0),
        case("no decay asked", 3, lr=0.2, lam=0.0),
        case("a decay to zero", 2, lr=0.5, lam=2.0),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-decay",
    title="Decay beside the gradient",
    chapter="optimizers",
    kind="code",
    difficulty=1,
    minutes=15,
    wants=(
        "a function decayed_step(theta, v, g, lr, alpha, lam) that returns (theta, v) after the "
        "step"
    ),
    hints=(
        "The velocity is that of the loss alone.",
        "The old weights are multiplied by 1 − lr·lam, then the step is subtracted.",
    ),
    examine=examine,
)

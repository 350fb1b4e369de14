"""optimizers-decay: momentum with weight decay that is not in the gradient."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new velocity")


def oracle(theta: Tensor, v: Tensor, g: Tensor, lr: float, alpha: float, lam: float) -> Parts:
    """Shrink by hand, then let PyTorch's SGD step."""
    p = (theta * (1 - lr * lam)).requires_grad_()
    optimizer = torch.optim.SGD([p], lr, momentum=alpha)
    optimizer.state[p]["momentum_buffer"] = v.clone()
    p.grad = g.clone()
    optimizer.step()
    return p.detach(), optimizer.state[p]["momentum_buffer"]


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
) -> Parts:
    """The step with an argument for each way to get it wrong."""
    shrink = {
        "right": lr * lam,
        "rateless": lam,
        "growing": -lr * lam,
        "double": 2 * lr * lam,
        "long run": lr * lam / (1 - alpha),
    }
    f = shrink[strength]
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

    def case(special: str, n: int, lr: float) -> Case:
        rows = {name: draws.signed(n) for name in ("theta", "v", "g")}
        return Case(special, {**rows, "lr": lr, "alpha": 0.8, "lam": 0.3})

    cases = [case("rate 0.2", 4, 0.2), case("rate 0.5", 3, 0.5)]
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

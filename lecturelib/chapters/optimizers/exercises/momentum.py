"""optimizers-momentum: one step of SGD with momentum."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new velocity")


def oracle(theta: Tensor, v: Tensor, g: Tensor, lr: float, alpha: float) -> Parts:
    """PyTorch's SGD, with the velocity put into its state."""
    p = theta.clone().requires_grad_()
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
    *,
    damped: bool = False,
    rate: str = "outside",
    old: bool = False,
    sign: float = -1.0,
    forget: bool = True,
    returned: str = "new",
    lookahead: bool = False,
) -> Parts:
    """The step with an argument for each way to get it wrong."""
    inner = 1.0 if rate == "outside" else lr
    new = (alpha if forget else 1.0) * v + inner * (1 - alpha if damped else 1.0) * g
    outer = 1.0 if rate == "inside" else lr
    if lookahead:
        return theta + sign * outer * (g + alpha * new), new
    return theta + sign * outer * (v if old else new), v if returned == "old" else new


SLIPS = (
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

    def case(special: str, n: int, lr: float, alpha: float) -> Case:
        rows = {name: draws.signed(n) for name in ("theta", "v", "g")}
        return Case(special, {**rows, "lr": lr, "alpha": alpha})

    cases = [case("momentum 0.9", 4, 0.1, 0.9), case("momentum 0.6", 3, 0.5, 0.6)]
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

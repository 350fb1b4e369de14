"""optimizers-nesterov: one step that looks ahead, on a quadratic."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.optim.sgd import sgd

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the new theta", "the new velocity")


def oracle(theta: Tensor, v: Tensor, a: Tensor, lr: float, alpha: float) -> Parts:
    """PyTorch's Nesterov in its own variable, the place ahead, and back from there."""
    p, buffer = theta - lr * alpha * v, v.clone()
    sgd([p], [a @ p], [buffer], weight_decay=0, momentum=alpha, lr=lr, dampening=0,
        nesterov=True, maximize=False, foreach=False)  # fmt: skip
    buffer = buffer if alpha else a @ theta  # without momentum PyTorch keeps no buffer
    return p + lr * alpha * buffer, buffer


def formula(
    theta: Tensor,
    v: Tensor,
    a: Tensor,
    lr: float,
    alpha: float,
    *,
    ahead: str = "right",
    origin: str = "here",
    gradient: str = "product",
) -> Parts:
    """The step with an argument for each way to get it wrong."""
    reach = {
        "right": alpha,
        "slide": 1.0,
        "here": 0.0,
        "behind": -alpha,
        "rateless": alpha / lr,
        "halfway": alpha / 2,
    }
    place = theta - lr * reach[ahead] * v
    g = {"double": 2.0, "half": 0.5}.get(gradient, 1.0) * (a @ place)
    if gradient == "rated":
        new = alpha * v + lr * (a @ (theta - alpha * v))
        return theta - new, new
    if gradient == "textbook":
        new = alpha * v - lr * (a @ (theta + alpha * v))
        return theta + new, new
    if gradient == "negative":
        new = alpha * v - a @ (theta + lr * alpha * v)
        return theta + lr * new, new
    if gradient == "library":
        g = a @ theta
        new = alpha * v + g
        return theta - lr * (g + alpha * new), new
    if gradient == "not kept":
        return theta - lr * (alpha * v + g), g
    new = alpha * v + g * (1 - alpha if gradient == "damped" else 1.0)
    if origin == "gradient only":
        return theta - lr * g, new
    end = (place if origin == "ahead" else theta) - lr * new
    return (end - lr * alpha * new if origin == "next" else end), new


SLIPS = (
    Slip(
        "as-on-the-slide",
        "You look ahead by lr·v, as the slide has it. Without a gradient momentum moves by "
        "lr·alpha·v: that is the place.",
        {"ahead": "slide"},
    ),
    Slip(
        "not-ahead",
        "You take the gradient where the parameters are: this is ordinary momentum.",
        {"ahead": "here"},
    ),
    Slip(
        "behind",
        "You look back: the step subtracts the velocity, so the place ahead is at minus.",
        {"ahead": "behind"},
    ),
    Slip(
        "rate-missing-ahead",
        "The learning rate is missing in your place ahead: momentum moves by lr·alpha·v.",
        {"ahead": "rateless"},
    ),
    Slip(
        "starts-ahead",
        "You step off from the place ahead. It only lends its gradient; the step starts at theta.",
        {"origin": "ahead"},
    ),
    Slip(
        "returns-next-place",
        "You return the next place ahead, as PyTorch stores it. Asked are the parameters.",
        {"origin": "next"},
    ),
    Slip(
        "half-forgotten",
        "Your gradient is twice as large: the derivative of ½θᵀAθ is Aθ.",
        {"gradient": "double"},
    ),
    Slip(
        "rate-in-velocity",
        "You put the learning rate into the velocity, as some papers do. Here v comes without it.",
        {"gradient": "rated"},
    ),
    Slip(
        "textbook-form",
        "This is Nesterov's step as many textbooks have it, v ← αv − η∇J(θ + αv) and θ ← θ + v: "
        "right, for another v. Here v is a sum of gradients without the rate, and the step is −ηv.",
        {"gradient": "textbook"},
    ),
    Slip(
        "velocity-negative",
        "Your velocity points downhill. Here it is a sum of gradients with their own sign, and the "
        "step subtracts it.",
        {"gradient": "negative"},
    ),
    Slip(
        "library-form",
        "This is the step as PyTorch makes it, with theta for its stored variable, which is the "
        "place ahead. Asked are the parameters themselves, and their gradient is taken ahead.",
        {"gradient": "library"},
    ),
    Slip(
        "velocity-not-kept",
        "The parameters are right. The velocity is αv plus the gradient, and not the gradient "
        "alone.",
        {"gradient": "not kept"},
    ),
    Slip(
        "halfway-ahead",
        "You look half of the way ahead. Momentum alone moves by lr·alpha·v.",
        {"ahead": "halfway"},
    ),
    Slip(
        "half-kept",
        "Your gradient is half as large: the derivative of ½θᵀAθ is Aθ.",
        {"gradient": "half"},
    ),
    Slip(
        "damped",
        "You weigh the gradient by 1 − α. The lecture's velocity adds the whole gradient.",
        {"gradient": "damped"},
    ),
    Slip(
        "velocity-unused",
        "You step against the gradient alone. The step is the whole new velocity.",
        {"origin": "gradient only"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, lr: float, alpha: float) -> Case:
        root = draws.normal(n, n)
        rows = {name: draws.signed(n) for name in ("theta", "v")}
        return Case(
            special,
            {**rows, "a": root @ root.T + torch.eye(n, dtype=root.dtype), "lr": lr, "alpha": alpha},
        )

    usual = [case("momentum 0.8", 3, 0.1, 0.8), case("momentum 0.5", 2, 0.2, 0.5)]
    level = case("a level function", 3, 0.2, 0.7).arguments
    steep = case("a steep bowl", 2, 1e-4, 0.9).arguments
    edges = [
        case("no momentum", 3, 0.1, 0.0),
        case("a single parameter", 1, 0.2, 0.6),
        Case("a level function", {**level, "a": 0 * level["a"]}),
        Case("a steep bowl", {**steep, "a": 1e3 * steep["a"]}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-nesterov",
    title="Look ahead",
    chapter="optimizers",
    kind="code",
    difficulty=2,
    minutes=15,
    wants="a function nesterov_step(theta, v, a, lr, alpha) that returns (theta, v) after the step",
    hints=(
        "Where would this step lead if the gradient were zero?",
        "Take the gradient there, and make the step from theta.",
    ),
    examine=examine,
)

"""length-direction-great-circle: a step on the sphere of directions."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(w: Tensor, g: Tensor, eta: float) -> Tensor:
    """By the exponential of the rotation in the plane of w and the gradient."""
    length = w.norm()
    v, on_sphere = w / length, length * g
    generator = -eta * (torch.outer(on_sphere, v) - torch.outer(v, on_sphere))
    return torch.linalg.matrix_exp(generator) @ v


def formula(
    w: Tensor,
    g: Tensor,
    eta: float,
    *,
    power: float = 1.0,
    way: str = "circle",
    sign: float = -1.0,
    kept: bool = False,
    degrees: bool = False,
) -> Tensor:
    """The step with an argument for each way to get it wrong."""
    length = w.norm()
    v, on_sphere = w / length, length**power * g
    size = on_sphere.norm()
    h = eta * size
    if way == "tangent":
        h = torch.atan(h)
    if degrees:
        h = torch.rad2deg(h)
    along = torch.where(size > 0, on_sphere / size.clamp_min(1e-300), torch.zeros_like(g))
    new = v * h.cos() + sign * along * h.sin()
    if way == "off":
        new = v + sign * eta * on_sphere
    return length * new if kept else new


SLIPS = (
    Slip(
        "length-forgotten",
        "The gradient is that at w. On the unit sphere it is ‖w‖ times as long: the loss does not"
        " depend on the length, so a short w sees it vary faster.",
        {"power": 0.0},
    ),
    Slip(
        "length-divided",
        "You divide the gradient by ‖w‖. From w to the unit sphere it is multiplied by it.",
        {"power": -1.0},
    ),
    Slip(
        "tangent",
        "You step along the tangent and divide by the length. That turns by the arctangent of the"
        " angle that is asked for.",
        {"way": "tangent"},
    ),
    Slip(
        "off-the-sphere",
        "Your result does not have the length 1: you step along the tangent and stay there.",
        {"way": "off"},
    ),
    Slip("uphill", "Your step goes up the loss: turn against the gradient.", {"sign": 1.0}),
    Slip("not-unit", "Your result has the length of w. Asked is a unit vector.", {"kept": True}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, d: int, eta: float, scale: float = 1.0, slope: float = 1.0) -> Case:
        w, g = scale * draws.signed(d), draws.normal(d)
        g = slope * (g - w * (w @ g) / (w @ w))
        return Case(special, {"w": w, "g": g, "eta": eta})

    usual = [case("three weights", 3, 0.3, 2.0), case("five weights", 5, 0.1, 0.5, 3.0)]
    edges = [
        case("more than a quarter turn", 4, 1.0, 1.5, 1.5),
        case("two weights", 2, 0.2, 3.0),
        case("a gradient of zero", 3, 0.5, 1.3, 0.0),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="length-direction-great-circle",
    title="A step on the sphere",
    chapter="length_direction",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function turn(w, g, eta) that returns the new direction, a unit vector",
    hints=(
        "If L(c w) = L(w) for every c > 0, how does the gradient at c w compare with that at w?",
        "On the unit sphere the gradient is ‖w‖ g, and the angle is η times its length.",
        "What should happen if the gradient is zero? Avoid 0/0.",
    ),
    examine=examine,
)

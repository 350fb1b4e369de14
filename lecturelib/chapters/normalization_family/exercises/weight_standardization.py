"""normalization-family-weight-standardization: gradients of centred, normalized weights."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.rules import no_autograd
from lecturelib.exercises.trial import Case, Trial

PARTS = ("grad_v", "grad_g")


def oracle(grad: Tensor, v: Tensor, g: Tensor) -> tuple[Tensor, ...]:
    """Automatic differentiation of w = g (v − mean) / ‖v − mean‖, row by row."""
    leaves = [v.clone().requires_grad_(), g.clone().requires_grad_()]
    centred = leaves[0] - leaves[0].mean(1, keepdim=True)
    w = leaves[1] * centred / centred.square().sum(1, keepdim=True).sqrt()
    return torch.autograd.grad(w, leaves, grad)


def formula(
    grad: Tensor,
    v: Tensor,
    g: Tensor,
    *,
    centred: bool = True,
    mean_term: float = 1.0,
    along: float = 1.0,
    scale: str = "right",
    length: str = "right",
    grad_g: str = "right",
) -> tuple[Tensor, ...]:
    """The gradients, with an argument for each way to get them wrong."""
    d = v - v.mean(1, keepdim=True) if centred else v
    size = d.norm(dim=1, keepdim=True)
    z = d / size
    inner = (grad * z).sum(1, keepdim=True)
    body = grad - mean_term * grad.mean(1, keepdim=True) - along * z * inner
    factor = {"right": g, "none": torch.ones_like(g), "squared": g**2}[scale]
    divisor = {"right": size, "none": torch.ones_like(size), "squared": size**2}[length]
    slopes = {
        "right": inner,
        "not divided": inner * size,
        "raw": (grad * v).sum(1, keepdim=True) / v.norm(dim=1, keepdim=True),
        "mean": inner / v.shape[1],
    }
    return factor * body / divisor, slopes[grad_g]


SLIPS = (
    Slip(
        "weight-norm",
        "These are the gradients of weight norm: your v is not centred, and the path through its "
        "mean is missing.",
        {"centred": False, "mean_term": 0.0, "grad_g": "raw"},
    ),
    Slip(
        "mean-term-missing",
        "In grad_v the path through the mean of the row is missing: every entry takes part in it.",
        {"mean_term": 0.0},
    ),
    Slip(
        "part-along-missing",
        "In grad_v the part along the row is still there: a longer v gives the same w.",
        {"along": 0.0},
    ),
    Slip(
        "held-constant",
        "grad_v is that of a scale by a constant. Both the mean and the length depend on v.",
        {"along": 0.0, "mean_term": 0.0},
    ),
    Slip("part-along-doubled", "In grad_v the part along the row is taken twice.", {"along": 2.0}),
    Slip("g-missing", "grad_v lacks the factor g.", {"scale": "none"}),
    Slip("g-squared", "grad_v has the factor g twice.", {"scale": "squared"}),
    Slip(
        "length-missing",
        "grad_v is not divided by the length of the centred row. What does a row that is twice as "
        "long change?",
        {"length": "none"},
    ),
    Slip(
        "length-squared",
        "grad_v is divided by the square of the length. The factor g/‖·‖ has it once.",
        {"length": "squared"},
    ),
    Slip(
        "g-not-divided",
        "grad_g is the inner product with the centred row. Divide by its length: w = g z with a z "
        "of length 1.",
        {"grad_g": "not divided"},
    ),
    Slip(
        "g-uncentred",
        "grad_g takes the row as it is. What g multiplies is the centred row, made length 1.",
        {"grad_g": "raw"},
    ),
    Slip("g-averaged", "grad_g is a mean over the inputs; it is a sum.", {"grad_g": "mean"}),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, units: int, inputs: int, mean: float = 1.0) -> Case:
        arguments = {
            "grad": draws.normal(units, inputs, mean=0.5),
            "v": draws.normal(units, inputs, mean=mean),
            "g": draws.signed(units, 1) + 2.0,
        }
        return Case(special, arguments)

    cases = (
        case("three units", 3, 5),
        case("one unit", 1, 4),
        case("rows far from mean 0", 2, 6, mean=5.0),
        case("three inputs", 2, 3),
    )
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS, rules=(no_autograd(),))


EXERCISE = Exercise(
    slug="normalization-family-weight-standardization",
    title="Gradients of weight standardization",
    chapter="normalization_family",
    kind="code",
    difficulty=3,
    minutes=35,
    wants=(
        "a function weight_standardization_gradients(grad, v, g) that returns (grad_v, grad_g), of "
        "the shapes of v and g"
    ),
    hints=(
        "Compose two maps: centre the row, then weight norm. Which matrix is the first?",
        "Centring is a projection; its transpose is itself. Apply it to weight norm's gradient.",
        "The centred row has mean 0, so taking off the part along it and the mean commute.",
    ),
    examine=examine,
)

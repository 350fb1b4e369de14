"""cost-functions-scales: the noise that maximum likelihood sees."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the Gaussian scale", "the Laplace scale")


def oracle(target: Tensor, prediction: Tensor) -> Parts:
    """Ternary search for the lowest mean NLL of PyTorch's distributions."""
    models = (torch.distributions.Normal, torch.distributions.Laplace)
    return tuple(_lowest(model, target, prediction) for model in models)


def _lowest(model: type, target: Tensor, prediction: Tensor) -> Tensor:
    def nll(log_scale: float) -> float:
        scale = torch.full_like(target, math.exp(log_scale))
        return -model(prediction, scale).log_prob(target).mean().item()

    low, high = -8.0, 8.0
    for _ in range(80):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if nll(a) < nll(b) else (a, high)
    return torch.tensor(math.exp((low + high) / 2), dtype=torch.float64)


def formula(
    target: Tensor,
    prediction: Tensor,
    *,
    rooted: bool = True,
    unbiased: bool = False,
    centred: bool = False,
    laplace: str = "right",
) -> Parts:
    """Both scales with an argument for each way to get them wrong."""
    r = target - prediction
    if centred:
        r = r - r.mean()
    variance = (r**2).sum() / (len(r) - 1 if unbiased else len(r))
    gaussian = variance.sqrt() if rooted else variance
    values = {
        "right": r.abs().mean(),
        "median": r.abs().median(),
        "moment": (r**2).mean().sqrt() / math.sqrt(2),
        "deviation": (r**2).mean().sqrt(),
        "signed": r.mean(),
        "doubled": 2 * r.abs().mean(),
        "summed": r.abs().sum(),
    }
    return gaussian, values[laplace]


SLIPS = (
    Slip(
        "variance-returned",
        "Your Gaussian scale is the variance. The scale is the standard deviation.",
        {"rooted": False},
    ),
    Slip(
        "divided-by-less",
        "You divide by N − 1. That removes the bias which fitting a mean brings; here the "
        "predictions are given, and maximum likelihood divides by N in any case.",
        {"unbiased": True},
    ),
    Slip(
        "centred",
        "You subtract the mean residual first. The model's mean is the prediction: if it is off, "
        "the scale has to pay for it.",
        {"centred": True},
    ),
    Slip(
        "laplace-median",
        "Your Laplace scale is the median of the absolute residuals. Set the derivative of "
        "|r|/γ + log 2γ, averaged, to zero.",
        {"laplace": "median"},
    ),
    Slip(
        "laplace-moment",
        "Your Laplace scale is the one whose distribution has the variance of the residuals. "
        "Maximum likelihood looks at absolute residuals.",
        {"laplace": "moment"},
    ),
    Slip(
        "laplace-deviation",
        "Both of your scales are standard deviations. A Laplace distribution has another.",
        {"laplace": "deviation"},
    ),
    Slip(
        "laplace-signed",
        "Your Laplace scale averages residuals with their signs, which cancel.",
        {"laplace": "signed"},
    ),
    Slip("laplace-doubled", "Your Laplace scale is twice too large.", {"laplace": "doubled"}),
    Slip(
        "laplace-summed", "Your Laplace scale is a sum, where a mean is due.", {"laplace": "summed"}
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, off: float, std: float) -> Case:
        prediction = draws.normal(n, std=2.0)
        noise = draws.normal(n, mean=off, std=std)
        return Case(special, {"target": prediction + noise, "prediction": prediction})

    cases = [
        case("five samples", 5, 0.2, 1.0),
        case("predictions that are too low", 6, 1.5, 0.6),
        case("small residuals", 4, 0.1, 0.3),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="cost-functions-scales",
    title="The noise that maximum likelihood sees",
    chapter="cost_functions",
    kind="code",
    difficulty=1,
    minutes=10,
    wants=(
        "a function scales(target, prediction) that returns (Gaussian scale, Laplace scale) of "
        "maximum likelihood"
    ),
    hints=(
        "The predictions are fixed: each NLL is a function of one number, the scale.",
        "Gaussian: mean of r²/2s² + log s. Differentiate by s.",
        "Laplace: mean of |r|/γ + log 2γ. Differentiate by γ.",
    ),
    examine=examine,
)

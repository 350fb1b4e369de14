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
    """Search for the lowest mean NLL of PyTorch's distributions."""
    models = (torch.distributions.Normal, torch.distributions.Laplace)
    return tuple(_lowest(model, target, prediction) for model in models)


def _lowest(model: type, target: Tensor, prediction: Tensor) -> Tensor:
    """On finer and finer grids of the scale's logarithm."""
    low, high = -20.0, 20.0
    for _ in range(9):
        grid = torch.linspace(low, high, 41, dtype=target.dtype)
        scale = grid.exp()[:, None].expand(-1, len(target))
        i = int(model(prediction, scale).log_prob(target).mean(1).argmax())
        low, high = grid[max(i - 1, 0)].item(), grid[min(i + 1, 40)].item()
    return torch.tensor(math.exp((low + high) / 2), dtype=target.dtype)


def formula(
    target: Tensor,
    prediction: Tensor,
    *,
    rooted: bool = True,
    unbiased: bool = False,
    centred: bool = False,
    laplace: str = "right",
    gaussian: str = "right",
) -> Parts:
    """Both scales with an argument for each way to get them wrong."""
    r = target - prediction
    if centred:
        r = r - r.mean()
    variance = (r**2).sum() / (len(r) - 1 if unbiased else len(r))
    raw = target - prediction
    scales = {
        "right": variance.sqrt() if rooted else variance,
        "centred": _deviation(raw, unbiased),
        "of the Laplace": raw.abs().mean() * math.sqrt(math.pi / 2),
    }
    values = {
        "right": r.abs().mean(),
        "centred": (raw - raw.mean()).abs().mean(),
        "about the median": (raw - raw.median()).abs().mean(),
        "times root 2": math.sqrt(2) * r.abs().mean(),
        "halved": r.abs().mean() / 2,
        "less": r.abs().sum() / (len(r) - 1),
        "median": r.abs().median(),
        "moment": (r**2).mean().sqrt() / math.sqrt(2),
        "deviation": (r**2).mean().sqrt(),
        "signed": r.mean(),
        "doubled": 2 * r.abs().mean(),
        "summed": r.abs().sum(),
    }
    return scales[gaussian], values[laplace]


def _deviation(residual: Tensor, unbiased: bool) -> Tensor:
    """Standard deviation about the mean residual."""
    return residual.var(correction=int(unbiased)).sqrt()


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
    Slip(
        "gaussian-centred",
        "Your Gaussian scale is the standard deviation about the mean residual. The model's mean "
        "is the prediction: if it is off, the scale has to pay for it.",
        {"gaussian": "centred"},
    ),
    Slip(
        "laplace-centred",
        "Your Laplace scale subtracts the mean residual first. The model's location is the "
        "prediction, whether it is off or not.",
        {"laplace": "centred"},
    ),
    Slip(
        "laplace-about-the-median",
        "Your Laplace scale subtracts the median residual first. The model's location is the "
        "prediction, whether it is off or not.",
        {"laplace": "about the median"},
    ),
    Slip(
        "laplace-times-root-two",
        "Your Laplace scale is √2 times too large: that is the standard deviation of the "
        "distribution, not its γ.",
        {"laplace": "times root 2"},
    ),
    Slip(
        "gaussian-from-absolute",
        "Your Gaussian scale is computed from absolute residuals. For Gaussian residuals the two "
        "agree on average; maximum likelihood squares.",
        {"gaussian": "of the Laplace"},
    ),
    Slip(
        "laplace-halved",
        "Your Laplace scale is half of what it should be: the 2 in the density belongs to its "
        "height.",
        {"laplace": "halved"},
    ),
    Slip(
        "laplace-divided-by-less",
        "Your Laplace scale divides by N − 1. Nothing was fitted; and maximum likelihood divides "
        "by N in any case.",
        {"laplace": "less"},
    ),
    Slip("laplace-doubled", "Your Laplace scale is twice too large.", {"laplace": "doubled"}),
    Slip(
        "laplace-summed", "Your Laplace scale is a sum, where a mean is due.", {"laplace": "summed"}
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, off: float, std: float) -> Case:
        # Values are drawn to four places: a small noise, too, should have four digits.
        prediction = 0 * draws.normal(n) if std < 1e-3 else draws.normal(n, std=2.0)
        noise = std * draws.normal(n, mean=off / std)
        return Case(special, {"target": prediction + noise, "prediction": prediction})

    exact = torch.tensor([1.0, -2.0, 0.0, 4.0], dtype=torch.float64)
    on = torch.tensor([0.0, 1.0, 0.0, 0.0], dtype=torch.float64)
    cases = [
        case("five samples", 5, 0.2, 1.0),
        case("predictions that are too low", 6, 1.5, 0.6),
        case("small residuals", 4, 0.1, 0.3),
        case("an even number of samples, predictions that are too high", 8, -2.0, 0.5),
        case("residuals of a millionth", 5, 1e-6, 3e-6),
        case("huge residuals", 3, 2e5, 1e6),
        Case("residuals of 0 and 3", {"target": exact + 3 * on, "prediction": exact}),
        Case("a single sample", {"target": exact[:1] - 2, "prediction": exact[:1]}),
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

"""cost-functions-gaussian-nll: the complete cost of a Gaussian model."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecturelib.exercises.calling import call
from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import SECONDS, Case, Finding, Trial

OUTPUTS = ("mean", "scale")  # of the network: what gradients flow to
CONSTANTS = {
    "none": 0.0,
    "half": math.log(2 * math.pi) / 2,
    "whole": math.log(2 * math.pi),
}


def oracle(mean: Tensor, target: Tensor, scale: Tensor) -> Tensor:
    """PyTorch's normal distribution."""
    return -torch.distributions.Normal(mean, scale).log_prob(target).mean()


def formula(
    mean: Tensor,
    target: Tensor,
    scale: Tensor,
    *,
    half: bool = True,
    square_scale: bool = True,
    log: float = 1.0,
    constant: str = "half",
    total: bool = False,
    sign: float = 1.0,
    absolute: bool = False,
    least: float = 0.0,
    added: float = 0.0,
    shared: bool = False,
) -> Tensor:
    """The NLL with an argument for each way to get it wrong."""
    residual = (target - mean).abs() if absolute else (target - mean) ** 2
    scale = scale.clamp(min=least)
    below = (scale**2 if square_scale else scale) + added
    values = residual.mean() / below.mean() if shared else residual / below
    values = (values / 2 if half else values) + log * scale.log()
    values = values + CONSTANTS[constant]
    return sign * (values.sum() if total else values.mean())


SLIPS = (
    Slip(
        "half-missing",
        "Your squared residual is twice as heavy as it should be beside the logarithm. Look at the "
        "exponent of the density: what does it divide by?",
        {"half": False},
    ),
    Slip(
        "log-missing",
        "The logarithm of the scale is missing. It is a constant only if the scale is one; here "
        "nothing would keep a network from making every scale huge.",
        {"log": 0.0},
    ),
    Slip(
        "constant-missing",
        "The constant ½ log 2π is missing. It moves no minimum, but without it costs of different "
        "models cannot be compared.",
        {"constant": "none"},
    ),
    Slip(
        "constant-doubled",
        "Your constant is log 2π. The density divides by √(2π): the root halves the logarithm.",
        {"constant": "whole"},
    ),
    Slip(
        "scale-not-squared",
        "You divide the squared residual by the scale once. Look at the units of residual and "
        "scale.",
        {"square_scale": False},
    ),
    Slip(
        "scale-taken-for-variance",
        "You take the scale for the variance. It is the standard deviation.",
        {"square_scale": False, "log": 0.5},
    ),
    Slip(
        "log-of-variance",
        "Your logarithm is that of the variance. The density divides by the standard deviation, "
        "once.",
        {"log": 2.0},
    ),
    Slip("log-sign", "The logarithm of the scale has the wrong sign.", {"log": -1.0}),
    Slip(
        "sum-taken",
        "You return the sum over the samples. Asked is the mean, the expectation under the "
        "empirical distribution.",
        {"total": True},
    ),
    Slip(
        "log-likelihood",
        "This is the log-likelihood, which is to be maximized. A cost is minimized.",
        {"sign": -1.0},
    ),
    Slip("not-squared", "Your residual is not squared.", {"absolute": True}),
    Slip(
        "one-scale-for-all",
        "You average squared residuals and variances before you divide. Each sample has its own "
        "scale, which weighs its own residual.",
        {"shared": True},
    ),
    *(
        Slip(
            f"scale-clamped-at-{least:g}",
            f"You let no scale fall below {least:g}. A network may be sure of a sample; "
            "softplus keeps the scale positive already.",
            {"least": least},
        )
        for least in (1e-2, 0.1)
    ),
    *(
        Slip(
            f"added-below-{added:g}",
            f"You add {added:g} to the variance. Where scales are small that is another model; "
            "softplus keeps the scale positive already.",
            {"added": added},
        )
        for added in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, n: int, low: float, high: float) -> Case:
        arguments = {
            "mean": draws.normal(n),
            "target": draws.normal(n, std=2.0),
            "scale": draws.uniform(n, low=low, high=high),
        }
        return Case(special, arguments)

    cases = [
        case("scales around 1", 5, 0.5, 2.0),
        case("small scales", 4, 0.1, 0.3),
        case("a single sample", 1, 2.0, 3.0),
        _sure(draws),
    ]
    try:
        judge(trial, cases, oracle, formula=formula, slips=SLIPS, gradients=OUTPUTS)
    except Finding as finding:
        if finding.code != "gradient-cut" or not _takes_arrays_alone(trial, cases[0]):
            raise
        trial.remarks.append(
            "NumPy has no gradients: to train a network with this cost, write it in PyTorch."
        )


def _takes_arrays_alone(trial: Trial, case: Case) -> bool:
    """Whether the answer is written in NumPy, which refuses tensors that require a gradient."""
    arguments = {
        name: value.clone().requires_grad_(name in OUTPUTS)
        for name, value in case.arguments.items()
    }
    error = call(trial.answer, arguments, SECONDS, "tensor").error
    return error is not None and "numpy" in str(error).lower()


def _sure(draws: Draws) -> Case:
    """Residuals as small as their scales, some of them 0, beside a sample of another size."""
    scale = torch.tensor([2e-3, 0.03, 0.3, 500.0], dtype=torch.float64)
    gap = scale * torch.cat([draws.signed(3), torch.zeros(1, dtype=torch.float64)])
    special = "scales from 0.002 to 500, and a residual of 0"
    return Case(special, {"mean": torch.zeros_like(gap), "target": gap, "scale": scale})


EXERCISE = Exercise(
    slug="cost-functions-gaussian-nll",
    title="The cost of a Gaussian model",
    chapter="cost_functions",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function gaussian_nll(mean, target, scale) that returns one number",
    hints=(
        "Write down the density of the normal distribution and take minus its logarithm.",
        "Three terms: one with the residual, one with the scale alone, one with neither.",
        "Compare with torch.distributions.Normal(mean, scale).log_prob(target).",
    ),
    examine=examine,
)

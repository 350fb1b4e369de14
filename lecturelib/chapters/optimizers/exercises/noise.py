"""optimizers-noise: the variance that noisy gradients keep up."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(lr: float, alpha: float, lam: float, sigma: float) -> Tensor:
    """Solve the linear equations of the stationary covariance of (θ, v) numerically."""
    m = torch.tensor([[1 - lr * lam, -lr * alpha], [lam, alpha]], dtype=torch.float64)
    n = torch.tensor([[-lr], [1.0]], dtype=torch.float64) * sigma
    system = torch.eye(4, dtype=torch.float64) - torch.kron(m, m)
    return torch.linalg.solve(system, (n @ n.T).flatten())[0]


def formula(
    lr: float,
    alpha: float,
    lam: float,
    sigma: float,
    *,
    small: bool = False,
    momentum: str = "right",
    power: float = 2.0,
    curved: bool = True,
    root: bool = False,
) -> Tensor:
    """The variance with an argument for each way to get it wrong."""
    a = 0.0 if momentum == "none" else alpha
    if momentum == "rate":
        lr = lr / (1 - alpha)
    if momentum in ("rate", "quotient"):
        a = 0.0
    rest = 2 * (1 + a) - (0 if small else lr * lam)
    value = lr * (1 + a) * sigma**power / ((lam if curved else 1.0) * (1 - a) * rest)
    if momentum == "quotient":
        value /= 1 - alpha
    value *= {"averages": (1 - a) ** 2, "damped": 1 - a}.get(momentum, 1.0)
    if momentum == "independent":
        value = lr * sigma**power / (lam * (1 - a**2) * (2 - lr * lam))
    if momentum == "covariance":
        value /= 1 + a
    if momentum == "half":
        value *= rest / (rest - 1 - a)
    return torch.tensor(value**0.5 if root else value, dtype=torch.float64)


SLIPS = (
    Slip(
        "small-rates-only",
        "This is the approximation for small rates. Keep the ηλ that you dropped.",
        {"small": True},
    ),
    Slip(
        "momentum-ignored",
        "This is the variance without momentum. With it the rate counts as η/(1 − α), about.",
        {"momentum": "none"},
    ),
    Slip(
        "momentum-averages",
        "You let momentum average the noise away. The steps of all noise drawn add up: 1/(1 − α), "
        "not 1 − α.",
        {"momentum": "averages"},
    ),
    Slip("sigma-not-squared", "The noise enters by its variance, σ².", {"power": 1.0}),
    Slip(
        "curvature-lost",
        "A steeper bowl holds the parameters closer: one curvature is missing in the denominator.",
        {"curved": False},
    ),
    Slip(
        "standard-deviation",
        "This is the standard deviation. Asked is the variance.",
        {"root": True},
    ),
    Slip(
        "effective-rate",
        "You put η/(1 − α) in the place of η. That is right for small rates; asked is the exact "
        "variance.",
        {"momentum": "rate"},
    ),
    Slip(
        "quotient-only",
        "You divide the variance without momentum by 1 − α. Right for small rates; asked is the "
        "exact one.",
        {"momentum": "quotient"},
    ),
    Slip(
        "damped",
        "You let the velocity average the gradients, by a factor 1 − α. Here it adds them up.",
        {"momentum": "damped"},
    ),
    Slip(
        "steps-independent",
        "You take the steps of momentum for independent, with a variance of 1/(1 − α²). They follow"
        " each other: the covariance of neighbours belongs in it.",
        {"momentum": "independent"},
    ),
    Slip(
        "one-plus-alpha-lost",
        "The numerator lacks 1 + α: the mean of neighbours' products is γ₁ = a γ₀/(1 + α).",
        {"momentum": "covariance"},
    ),
    Slip(
        "two-lost",
        "Your last bracket is 1 + α − ηλ. (1 + α)² − a² has the factor 2(1 + α) − ηλ.",
        {"momentum": "half"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, alpha: float) -> Case:
        numbers = {
            "lr": draws.uniform(1, low=0.06, high=0.12).item(),
            "alpha": alpha,
            "lam": draws.uniform(1, low=1.2, high=1.8).item(),
            "sigma": draws.uniform(1, low=1.3, high=2.0).item(),
        }
        return Case(special, numbers)

    usual = [case("momentum 0.8", 0.8), case("momentum 0.5", 0.5)]
    edges = [
        case("no momentum", 0.0),
        case("much momentum", 0.99),
        Case("a rate near the bound", {"lr": 0.9, "alpha": 0.5, "lam": 3.0, "sigma": 1.5}),
        Case("little noise", {"lr": 0.01, "alpha": 0.9, "lam": 2.0, "sigma": 1e-3}),
    ]
    parts = ("the variance",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-noise",
    title="What noise leaves",
    chapter="optimizers",
    kind="proof",
    difficulty=2,
    minutes=25,
    wants="a function variance(lr, alpha, lam, sigma) that returns one number",
    hints=(
        "Write the next θ by the last two θ and the new noise; then take means of products.",
        "Two unknowns, the variance and the covariance of neighbours. Which mean has the second?",
        "Without momentum it is lr·sigma²/(lam·(2 − lr·lam)): compare at alpha = 0.",
    ),
    examine=examine,
)

"""optimizers-noise: the variance that noisy gradients keep up under Nesterov's momentum."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(lr: float, alpha: float, lam: float, sigma: float) -> Tensor:
    """Solve the linear equations of the stationary covariance of (θ, v) numerically."""
    h = lr * lam  # v ← α(1 − h)v + λθ + ξ, θ ← θ − ηv
    keep = alpha * (1 - h)
    m = torch.tensor([[1 - h, -lr * keep], [lam, keep]], dtype=torch.float64)
    n = torch.tensor([[-lr], [1.0]], dtype=torch.float64) * sigma
    system = torch.eye(4, dtype=torch.float64) - torch.kron(m, m)
    return torch.linalg.solve(system, (n @ n.T).flatten())[0]


def formula(
    lr: float, alpha: float, lam: float, sigma: float, *, form: str = "right", power: float = 2.0
) -> Tensor:
    """The variance with a name for each way to get it wrong."""
    h = lr * lam
    keep = alpha if form == "heavy ball" else alpha * (1 - h)
    rest = 2 * (1 + alpha) - (h if form == "heavy ball" else (1 + 2 * alpha) * h)
    if form == "ahead":
        keep, rest = alpha * (1 - h), 2 * (1 + alpha) - (1 + 2 * alpha) * h
    value = lr * (1 + keep) * sigma**power / (lam * (1 - keep) * rest)
    if form == "plain":
        value = lr * sigma**power / (lam * (2 - h))
    if form == "small":
        value = lr * sigma**power / (2 * lam * (1 - alpha))
    if form == "effective":
        rate = lr / (1 - alpha)
        value = rate * sigma**power / (lam * (2 - rate * lam))
    if form == "covariance":
        value /= 1 + keep
    if form == "curvature":
        value *= lam
    if form == "root":
        value = value**0.5
    if form == "half":
        value *= rest / (rest - 1 - alpha)
    return torch.tensor(value, dtype=torch.float64)


SLIPS = (
    Slip(
        "heavy-ball",
        "This is the variance of the heavy ball. Nesterov's gradient is taken at the place ahead: "
        "write its recursion with noise first.",
        {"form": "heavy ball"},
    ),
    Slip(
        "small-rates-only",
        "This is the approximation for small rates. Keep the ηλ that you dropped.",
        {"form": "small"},
    ),
    Slip(
        "momentum-ignored",
        "This is the variance without momentum.",
        {"form": "plain"},
    ),
    Slip(
        "effective-rate",
        "You put η/(1 − α) in the place of η. That is right for small rates; asked is the exact "
        "variance.",
        {"form": "effective"},
    ),
    Slip("sigma-not-squared", "The noise enters by its variance, σ².", {"power": 1.0}),
    Slip(
        "curvature-lost",
        "A steeper bowl holds the parameters closer: one curvature is missing in the denominator.",
        {"form": "curvature"},
    ),
    Slip(
        "standard-deviation",
        "This is the standard deviation. Asked is the variance.",
        {"form": "root"},
    ),
    Slip(
        "covariance-lost",
        "The numerator lacks a factor: with b = α(1 − ηλ), the mean of neighbours' products is "
        "aV/(1 + b).",
        {"form": "covariance"},
    ),
    Slip(
        "two-lost",
        "Your last bracket lacks a part: (1 + b)² − a² is ηλ times 2(1 + α) − (1 + 2α)ηλ.",
        {"form": "half"},
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
        Case("ηλ = 1", {"lr": 0.5, "alpha": 0.7, "lam": 2.0, "sigma": 1.5}),
        Case("a rate near the bound", {"lr": 0.4, "alpha": 0.5, "lam": 3.0, "sigma": 1.5}),
        Case("little noise", {"lr": 0.01, "alpha": 0.9, "lam": 2.0, "sigma": 1e-3}),
    ]
    parts = ("the variance",)
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=parts, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-noise",
    title="What noise leaves of Nesterov's momentum",
    chapter="optimizers",
    kind="proof",
    difficulty=3,
    minutes=35,
    wants="a function variance(lr, alpha, lam, sigma) that returns one number",
    hints=(
        "Write the next θ by the last two θ and the new noise; then take means of products.",
        "The recursion has the form θ⁺ = aθ − bθ⁻ − ηξ. What are a and b here? The proof in the "
        "chapter has b = α.",
        "At ηλ = 1 a step goes to the minimum of the noisy bowl: the variance must be η²σ² there.",
    ),
    examine=examine,
)

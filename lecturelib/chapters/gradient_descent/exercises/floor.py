"""gradient-descent-floor: variance at rest, and the rate for a given one."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the variance at rest", "the rate for half of it")


def _rest(curvature: float, lr: float, noise: float, batch_size: int) -> float:
    """Iterate the variance until it rests."""
    v = 0.0
    for _ in range(2000):
        v = (1 - lr * curvature) ** 2 * v + lr**2 * noise / batch_size
    return v


def oracle(curvature: float, lr: float, noise: float, batch_size: int) -> Parts:
    """By iteration, and by bisection."""
    v = _rest(curvature, lr, noise, batch_size)
    low, high = 0.0, lr
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _rest(curvature, middle, noise, batch_size) < v / 2 else (
            low, middle)  # fmt: skip
    return torch.tensor(v).double(), torch.tensor((low + high) / 2).double()


def formula(
    curvature: float,
    lr: float,
    noise: float,
    batch_size: int,
    *,
    curved: str = "both",
    batch: float = 1.0,
    small: bool = False,
    halved: str = "",
    power: float = 1.0,
    root: bool = False,
    one_step: bool = False,
) -> Parts:
    """Both numbers with an argument for each way to get them wrong."""
    variance = noise**power / batch_size**batch
    inner = curvature if curved in ("both", "inside", "twice") else 1.0
    outer = {"both": curvature, "outside": curvature, "twice": curvature**2}.get(curved, 1.0)
    v = lr * variance / (outer * (2.0 if small else 2 - lr * inner))
    v = lr**2 * variance if one_step else v
    target = v / 2
    rate = 2 * outer * target / (variance + inner * outer * target)
    rate = lr / 2 if small else {"rate": lr / 2, "root": lr / 2**0.5}.get(halved, rate)
    return torch.tensor(v**0.5 if root else v).double(), torch.tensor(rate).double()


SLIPS = (
    Slip(
        "curvature-forgotten",
        "Your variance does not contain the curvature: it is that of λ = 1.",
        {"curved": "none"},
    ),
    Slip(
        "curvature-inside-only",
        "You have λ in 2 − ηλ and lost the other one: 1 − (1 − ηλ)² = ηλ(2 − ηλ).",
        {"curved": "inside"},
    ),
    Slip(
        "curvature-outside-only",
        "You have 2 − η where 2 − ηλ should be.",
        {"curved": "outside"},
    ),
    Slip(
        "batch-forgotten",
        "Your noise does not depend on the batch size.",
        {"batch": 0.0},
    ),
    Slip(
        "root-of-the-batch",
        "You divide by √B. That is for the standard deviation; the variance falls as 1/B.",
        {"batch": 0.5},
    ),
    Slip(
        "batch-squared",
        "You divide by B²; the variance of a mean falls as 1/B.",
        {"batch": 2.0},
    ),
    Slip(
        "small-rates-only",
        "Yours is the approximation for small rates, ησ²/2λB. The rates here are not small.",
        {"small": True},
    ),
    Slip(
        "half-the-rate",
        "Half of the rate gives *about* half of the variance, and that is not exact: solve for η.",
        {"halved": "rate"},
    ),
    Slip(
        "standard-deviation",
        "You return the standard deviation at rest; wanted is its square.",
        {"root": True},
    ),
    Slip(
        "noise-squared",
        "You square the noise; it is a variance already.",
        {"power": 2.0},
    ),
    Slip(
        "noise-rooted",
        "You take the root of the noise. It is a variance, and so is what is asked.",
        {"power": 0.5},
    ),
    Slip(
        "curvature-squared",
        "Your variance has one λ too many in the denominator: 1 − (1 − ηλ)² = ηλ(2 − ηλ), and one "
        "η cancels, no λ.",
        {"curved": "twice"},
    ),
    Slip(
        "one-step",
        "Yours is the variance that a single step adds, η²σ²/B. The next steps keep (1 − ηλ)² of "
        "it: what is left of all of them adds up.",
        {"one_step": True},
    ),
    Slip(
        "rate-over-root-two",
        "You divide the rate by √2, as if the variance went with η². At rest it goes about with η.",
        {"halved": "root"},
    ),
)


def examine(trial: Trial) -> None:
    def case(special: str, curvature: float, lr: float, noise: float, batch_size: int) -> Case:
        numbers = {"curvature": curvature, "lr": lr, "noise": noise, "batch_size": batch_size}
        return Case(special, numbers)

    usual = [
        case("a steep valley", 3.0, 0.5, 2.0, 4),
        case("a flat one", 0.4, 1.2, 0.7, 3),
        case("single samples", 1.5, 0.9, 5.0, 1),
    ]
    edges = [
        case("a rate that forgets in one step", 2.0, 0.5, 3.0, 2),
        case("a rate near the bound", 10.0, 0.19, 1.0, 2),
        case("a small rate", 1.0, 0.05, 1.0, 8),
        case("little noise and a large minibatch", 0.5, 0.4, 1e-3, 1000),
        case("a very steep valley", 1e4, 1e-4, 1e6, 16),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="gradient-descent-floor",
    title="The noise floor",
    chapter="gradient_descent",
    kind="code",
    difficulty=3,
    minutes=20,
    wants="a function floor(curvature, lr, noise, batch_size) that returns (variance, rate)",
    hints=(
        "Write down how the variance of θ changes in one step. At rest it does not change.",
        "v = (1 − ηλ)² v + η²σ²/B. Solve for v; then set v to half of that and solve for η.",
    ),
    examine=examine,
)

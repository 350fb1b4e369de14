"""optimizers-heavy-ball: the best rate and momentum for given curvatures."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the learning rate", "the momentum", "the rate of contraction")


def oracle(mu: float, k: float) -> Parts:
    """Another road: halve an interval for √α until window and spectrum are equally wide."""
    low, high = 0.0, 1.0
    for _ in range(80):
        q = (low + high) / 2
        wide = ((1 + q) / (1 - q)) ** 2 > k / mu
        low, high = (low, q) if wide else (q, high)
    return tuple(torch.tensor(x, dtype=torch.float64) for x in ((1 + q) ** 2 / k, q * q, q))


def formula(
    mu: float,
    k: float,
    *,
    rooted: bool = True,
    squared: str = "yes",
    step: str = "right",
    contraction: str = "right",
) -> Parts:
    """The three numbers with an argument for each way to get them wrong."""
    a, b = (mu**0.5, k**0.5) if rooted else (mu, k)
    rho = (b - a) / (b + a)
    lr = {
        "right": 4 / (k**0.5 + mu**0.5) ** 2,
        "descent": 2 / (k + mu),
        "flat": 4 / (k**0.5 + mu**0.5),
        "inverse": 1 / k,
        "sum": 4 / (k + mu),
        "root": 2 / (k**0.5 + mu**0.5),
    }[step]
    if contraction == "nesterov":
        return tuple(
            torch.tensor(x, dtype=torch.float64) for x in (1 / k, rho, 1 - (mu / k) ** 0.5)
        )
    if contraction == "no momentum":
        numbers = (2 / (k + mu), 0.0, (k - mu) / (k + mu))
        return tuple(torch.tensor(x, dtype=torch.float64) for x in numbers)
    rate = {
        "right": rho,
        "momentum": rho**2,
        "descent": (k - mu) / (k + mu),
        "root": 1 - (mu / k) ** 0.5,
    }[contraction]
    values = (lr, {"yes": rho**2, "no": rho, "root": rho**0.5}[squared], rate)
    return tuple(torch.tensor(x, dtype=torch.float64) for x in values)


SLIPS = (
    Slip(
        "condition-not-rooted",
        "Your momentum and contraction use κ where √κ belongs: that is the contraction of "
        "gradient descent.",
        {"rooted": False},
    ),
    Slip(
        "momentum-not-squared",
        "Your momentum is the rate of contraction. The roots have the size √α, so α is its square.",
        {"squared": "no"},
    ),
    Slip(
        "momentum-rooted",
        "Your momentum is the root of the contraction. The roots have the size √α: it is the "
        "contraction that is the root, of α.",
        {"squared": "root"},
    ),
    Slip(
        "contraction-of-nesterov",
        "Your contraction is 1 − 1/√κ, about what Nesterov's momentum reaches. The heavy ball comes"
        " to (√κ − 1)/(√κ + 1).",
        {"contraction": "root"},
    ),
    Slip(
        "rate-rooted",
        "You return the root of the learning rate.",
        {"step": "root"},
    ),
    Slip(
        "rate-of-descent",
        "2/(k + mu) is the best learning rate of plain gradient descent. With momentum the window "
        "of stable rates is wider.",
        {"step": "descent"},
    ),
    Slip(
        "rate-not-squared",
        "The sum of the roots in your learning rate is not squared; check its unit, one over a "
        "curvature.",
        {"step": "flat"},
    ),
    Slip(
        "rate-inverse",
        "1/k is Nesterov's learning rate. The window's upper end is at (1 + √α)²/k.",
        {"step": "inverse"},
    ),
    Slip(
        "contraction-is-momentum",
        "Your contraction is α. The roots have α as their product, so each has the size √α.",
        {"contraction": "momentum"},
    ),
    Slip(
        "contraction-of-descent",
        "Your contraction is that of gradient descent, with κ instead of √κ.",
        {"contraction": "descent"},
    ),
    Slip(
        "sum-not-of-roots",
        "The denominator of your learning rate adds the curvatures. It is the square of a sum of "
        "their roots.",
        {"step": "sum"},
    ),
    Slip(
        "no-momentum",
        "These are the best numbers of plain gradient descent.",
        {"contraction": "no momentum"},
    ),
    Slip(
        "nesterovs-numbers",
        "These are the numbers for Nesterov's momentum. The heavy ball has a wider window.",
        {"contraction": "nesterov"},
    ),
)


def examine(trial: Trial) -> None:
    def case(special: str, low: float, high: float) -> Case:
        mu, kappa = (
            trial.draws.uniform(1, low=0.3, high=0.8),
            trial.draws.uniform(1, low=low, high=high),
        )
        return Case(special, {"mu": mu.item(), "k": round((mu * kappa).item(), 4)})

    usual = [case("a narrow valley", 30.0, 90.0), case("a mild one", 4.0, 8.0)]
    edges = [
        Case("curvatures that hardly differ", {"mu": 2.0, "k": 2.5}),
        Case("large curvatures", {"mu": 4e3, "k": 1e5}),
        Case("small curvatures", {"mu": 1e-6, "k": 4e-5}),
        Case("a very narrow valley", {"mu": 0.01, "k": 1e4}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-heavy-ball",
    title="The best heavy ball",
    chapter="optimizers",
    kind="proof",
    difficulty=3,
    minutes=30,
    wants="a function heavy_ball(mu, k) that returns (learning rate, momentum, contraction)",
    hints=(
        "For which ηλ are the roots complex? What is their size then?",
        "Put the ends of that window at η·mu and η·k, and take square roots.",
        "Two equations, √(η·mu) = 1 − √α and √(η·k) = 1 + √α: add them, and divide them.",
    ),
    examine=examine,
)

"""optimizers-heavy-ball: the best learning rate for a momentum that is given."""

from __future__ import annotations

import torch

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the learning rate", "the factor")


def _radius(h: float, alpha: float) -> float:
    """Spectral radius of one step along a direction with ηλ = h."""
    step = torch.tensor([[1 + alpha - h, -alpha], [1.0, 0.0]], dtype=torch.float64)
    return torch.linalg.eigvals(step).abs().max().item()


def oracle(mu: float, k: float, alpha: float) -> Parts:
    """Halve an interval for the rate until both ends of the spectrum have the same factor."""
    low, high = 0.0, 2 * (1 + alpha) / k
    for _ in range(50):
        lr = (low + high) / 2
        flat_is_slower = _radius(lr * mu, alpha) > _radius(lr * k, alpha)
        low, high = (lr, high) if flat_is_slower else (low, lr)
    return tuple(torch.tensor(x, dtype=torch.float64) for x in (lr, _radius(lr * mu, alpha)))


def formula(
    mu: float, k: float, alpha: float, *, step: str = "right", factor: str = "right"
) -> Parts:
    """Both numbers with a name for each way to get them wrong."""
    trace = (1 + alpha) * (k - mu) / (k + mu)
    if factor == "trace":
        trace = (k - mu) / (k + mu)
    inside = max(trace**2 - (alpha if factor == "four" else 4 * alpha), 0.0) ** 0.5
    root = (k**0.5 - mu**0.5) / (k**0.5 + mu**0.5)
    value = {
        "smaller": (trace - inside) / 2,
        "double": trace + inside,
        "window": alpha**0.5,
        "descent": (k - mu) / (k + mu),
        "free": root,
    }.get(factor, (trace + inside) / 2)
    lr = {
        "descent": 2 / (k + mu),
        "free": 4 / (k**0.5 + mu**0.5) ** 2,
        "inverse": 1 / k,
        "window": (1 + alpha**0.5) ** 2 / k,
        "bound": 2 * (1 + alpha) / k,
        "half": (1 + alpha) / (k + mu),
        "damped": 2 * (1 - alpha) / (k + mu),
    }.get(step, 2 * (1 + alpha) / (k + mu))
    return tuple(torch.tensor(x, dtype=torch.float64) for x in (lr, value))


SLIPS = (
    Slip(
        "free-momentum",
        "These are the numbers of the theorem, for the best momentum. Here the momentum is given, "
        "and smaller.",
        {"step": "free", "factor": "free"},
    ),
    Slip(
        "plain-descent",
        "These are the best numbers without momentum.",
        {"step": "descent", "factor": "descent"},
    ),
    Slip(
        "rate-of-descent",
        "2/(k + mu) is the best rate of plain gradient descent. Momentum moves the upper border of "
        "ηλ from 2 to 2(1 + α).",
        {"step": "descent"},
    ),
    Slip(
        "rate-of-the-window",
        "You put the upper end of the window at k. The window is narrower than the spectrum here: "
        "where is the factor the same at both ends?",
        {"step": "window"},
    ),
    Slip(
        "rate-at-the-border",
        "This rate is the border of convergence: along k nothing shrinks.",
        {"step": "bound"},
    ),
    Slip("rate-inverse", "1/k favours the steep directions.", {"step": "inverse"}),
    Slip("rate-halved", "The rate lacks a factor of two.", {"step": "half"}),
    Slip(
        "rate-shrinks",
        "Your rate falls with the momentum. The velocity is a sum, but the border of convergence "
        "moves up.",
        {"step": "damped"},
    ),
    Slip(
        "factor-of-the-window",
        "√α is the factor inside of the window. With a small momentum the ends of the spectrum lie "
        "outside, where the larger root is real.",
        {"factor": "window"},
    ),
    Slip(
        "factor-of-descent",
        "Your factor is that of plain gradient descent.",
        {"factor": "descent"},
    ),
    Slip(
        "smaller-root",
        "The roots are real, and you took the smaller one. The larger one decides.",
        {"factor": "smaller"},
    ),
    Slip(
        "root-not-halved",
        "The roots of q² − Tq + α are (T ± √(T² − 4α))/2: yours is not halved.",
        {"factor": "double"},
    ),
    Slip(
        "discriminant",
        "The discriminant of q² − Tq + α is T² − 4α; the 4 is missing.",
        {"factor": "four"},
    ),
    Slip(
        "trace-without-momentum",
        "The sum of the roots is 1 + α − ηλ. You have it without the α.",
        {"factor": "trace"},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, low: float, high: float, share: float) -> Case:
        mu = draws.uniform(1, low=0.3, high=0.8).item()
        k = round(mu * draws.uniform(1, low=low, high=high).item(), 4)
        best = ((k**0.5 - mu**0.5) / (k**0.5 + mu**0.5)) ** 2
        return Case(special, {"mu": mu, "k": k, "alpha": round(share * best, 4)})

    usual = [case("a narrow valley", 30.0, 90.0, 0.8), case("a mild one", 4.0, 8.0, 0.6)]
    edges = [
        Case("no momentum", {"mu": 0.5, "k": 4.0, "alpha": 0.0}),
        case("momentum near the best", 20.0, 40.0, 0.98),
        Case("large curvatures", {"mu": 4e3, "k": 1e5, "alpha": 0.3}),
        Case("small curvatures", {"mu": 1e-6, "k": 4e-5, "alpha": 0.3}),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="optimizers-heavy-ball",
    title="The best rate for a given momentum",
    chapter="optimizers",
    kind="proof",
    difficulty=3,
    minutes=35,
    wants="a function best_rate(mu, k, alpha) that returns (learning rate, factor)",
    hints=(
        "At which end of the spectrum is the error slow when the rate is small, and when it is "
        "near its border?",
        "The larger root has the size (|T| + √(T² − 4α))/2 with T = 1 + α − ηλ, so it grows with "
        "|T|. Make |T| the same at both ends.",
        "1 + α − η·mu = η·k − (1 + α).",
    ),
    examine=examine,
)

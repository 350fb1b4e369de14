"""output-units-fit-temperature: the temperature that calibrates given logits."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

Cost = Callable[[Tensor, Tensor], Tensor]


def _nll(log_p: Tensor, t: Tensor) -> Tensor:
    return -log_p.gather(2, t.expand(len(log_p), -1)[..., None]).mean((1, 2))


def _squares(log_p: Tensor, t: Tensor) -> Tensor:
    y = torch.nn.functional.one_hot(t, log_p.shape[2])
    return (log_p.exp() - y).square().sum(2).mean(1)


def _gap(log_p: Tensor, t: Tensor) -> Tensor:
    """Mean confidence against accuracy."""
    best, guess = log_p.exp().max(2)
    return (best.mean(1) - (guess == t).to(best).mean(1)).abs()


def _lowest(z: Tensor, t: Tensor, cost: Cost) -> Tensor:
    """The temperature of lowest cost, on finer and finer grids of its logarithm."""
    low, high = -4.0, 4.0
    for _ in range(7):
        grid = torch.linspace(low, high, 41, dtype=z.dtype)
        log_p = torch.log_softmax(z / grid.exp()[:, None, None], 2)
        i = int(cost(log_p, t).argmin())
        low, high = grid[max(i - 1, 0)].item(), grid[min(i + 1, 40)].item()
    return torch.tensor((low + high) / 2, dtype=z.dtype).exp()


def oracle(z: Tensor, t: Tensor) -> Tensor:
    """Bisection on the derivative of the NLL by the inverse temperature."""
    low, high = -4.0, 4.0
    for _ in range(60):
        a = (low + high) / 2
        p = torch.softmax(z * 2.718281828459045**a, 1)
        slope = (p * z).sum(1).mean() - z.gather(1, t[:, None]).mean()
        low, high = (low, a) if slope > 0 else (a, high)
    return torch.tensor(-low, dtype=z.dtype).exp()


def formula(z: Tensor, t: Tensor, *, cost: Cost = _nll, give: str = "T") -> Tensor:
    """The fitted temperature, with an argument for each way to get it wrong."""
    found = _lowest(z, t, cost)
    return {
        "T": found,
        "inverse": 1 / found,
        "log": found.log(),
        "above one": found.clamp(min=1.0),
        "below one": found.clamp(max=1.0),
        "square": found**2,
        "nothing": torch.ones_like(found),
    }[give]


SLIPS = (
    Slip(
        "not-fitted",
        "You always answer 1, the temperature of logits as they are.",
        {"give": "nothing"},
    ),
    Slip(
        "inverse",
        "You return the number that multiplies the logits. The temperature divides them.",
        {"give": "inverse"},
    ),
    Slip("logarithm", "You return the logarithm of the temperature.", {"give": "log"}),
    Slip(
        "never-below-one",
        "You never go below 1. A network may also be less sure than it could be.",
        {"give": "above one"},
    ),
    Slip(
        "never-above-one",
        "You never go above 1, and too sure is what most networks are.",
        {"give": "below one"},
    ),
    Slip("squared", "You return the square of the temperature.", {"give": "square"}),
    Slip(
        "squared-error",
        "You minimize the squared error of the probabilities. Wanted is the smallest NLL.",
        {"cost": _squares},
    ),
    Slip(
        "confidence-matched",
        "You make the mean confidence equal to the accuracy. That is a fine goal too, and another "
        "number. Wanted is the smallest NLL.",
        {"cost": _gap},
    ),
)


def _cases(trial: Trial) -> list[Case]:
    draws = trial.draws

    def case(special: str, size: float) -> Case:
        z = draws.normal(60, 4)
        p = torch.softmax(z, 1)
        t = (p.cumsum(1) < draws.uniform(60, 1)).sum(1).clamp(max=3)
        return Case(special, {"z": size * z, "t": t})

    return [
        case("logits that are too large", 3.0),
        case("logits that are too small", 0.4),
        case("logits that are far too large", 8.0),
    ]


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="output-units-fit-temperature",
    title="Calibrate by temperature",
    chapter="output_units",
    kind="code",
    difficulty=3,
    minutes=30,
    wants="a function fit_temperature(z, t) that returns the temperature, to four digits",
    hints=(
        "Write a = 1/T. What is the derivative of the mean NLL by a?",
        "It is the mean of E[z] minus the mean logit of the true class, and rises with a: bisect.",
        "Halve an interval of log a, such as [−5, 5], some fifty times.",
    ),
    examine=examine,
)

"""output-units-fit-temperature: the temperature that calibrates given logits."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
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
    for _ in range(6):
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
        "tenth to ten": found.clamp(0.1, 10.0),
        "half to five": found.clamp(0.5, 5.0),
        "half to two": found.clamp(0.5, 2.0),
        "halfway": (1 + found) / 2,
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
    *(
        Slip(
            f"range-{name.replace(' ', '-')}",
            f"You search from {low} to {high} only. The temperature lies between 0.05 and 20.",
            {"give": name},
        )
        for name, low, high in (
            ("tenth to ten", 0.1, 10),
            ("half to five", 0.5, 5),
            ("half to two", 0.5, 2),
        )
    ),
    Slip(
        "halfway",
        "Your temperature lies halfway between 1 and the best one.",
        {"give": "halfway"},
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

    def case(special: str, low: float, high: float, k: int = 4, shift: float = 0.0) -> Case:
        """Logits whose temperature lies between low and high."""
        z = draws.normal(60, k)
        p = torch.softmax(z, 1)
        t = (p.cumsum(1) < draws.uniform(60, 1)).sum(1).clamp(max=k - 1)
        size = draws.uniform(1, low=low, high=high) / oracle(z, t)
        # Four digits: half a unit of the fourth is at most 5e-4 of the number.
        return Case(special, {"z": size * z + shift, "t": t}, rtol=6e-4)

    return [
        case("logits that are too large", 2.2, 4.0),
        case("logits that are too small", 0.3, 0.45),
        case("logits that are far too large", 6.0, 9.0),
        case("a temperature beyond 10", 12.0, 18.0),
        case("a temperature below 0.1", 0.06, 0.09),
        case("two classes, logits near 50", 1.2, 1.8, 2, 50.0),
    ]


def look(got: Parts, wanted: Parts, case: Case) -> str:
    """By how much the NLL is larger than it need be."""
    z, t = case.arguments["z"], case.arguments["t"]
    if got[0].numel() != 1 or not got[0].item() > 0:
        return "A temperature is one positive number."
    mine, best = (
        torch.nn.functional.cross_entropy(z / T.reshape(()), t).item() for T in (got[0], wanted[0])
    )
    if abs(got[0].item() / wanted[0].item() - 1) < 0.03:
        return (
            f"You are close, {got[0].item():.5g}. The NLL is flat near its minimum: four digits of "
            "the temperature take a search by the slope, or a fine one."
        )
    return f"At your temperature the mean NLL is {mine:.6f}, and {best:.6f} is possible."


def examine(trial: Trial) -> None:
    judge(trial, _cases(trial), oracle, formula=formula, slips=SLIPS, look=look)


EXERCISE = Exercise(
    slug="output-units-fit-temperature",
    title="Calibrate by temperature",
    chapter="output_units",
    kind="code",
    difficulty=2,
    minutes=25,
    wants="a function fit_temperature(z, t) that returns the temperature, to four digits",
    hints=(
        "Write a = 1/T. What is the derivative of the mean NLL by a?",
        "It is the mean of E[z] minus the mean logit of the true class, and rises with a: bisect.",
        "Halve an interval of log a, such as [−5, 5], some fifty times.",
    ),
    examine=examine,
)

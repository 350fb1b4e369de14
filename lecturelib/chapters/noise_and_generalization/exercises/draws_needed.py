"""noise-and-generalization-draws: how many draws an attacker of a noisy network needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def wrong_signs(g: Tensor, tau: float, k: int) -> Tensor:
    """Expected share of entries whose mean over k draws has the wrong sign."""
    return torch.special.ndtr(-g.abs() * math.sqrt(k) / tau).mean()


def _first(enough: Callable[[int], bool]) -> int:
    """The smallest k from 1 that is enough, by doubling and bisection."""
    high = 1
    while not enough(high) and high < 2**40:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def oracle(g: Tensor, tau: float, share: float) -> Tensor:
    """The smallest whole number of draws."""
    return torch.tensor(_first(lambda k: bool(wrong_signs(g, tau, k) <= share)))


def formula(
    g: Tensor,
    tau: float,
    share: float,
    *,
    power: float = 0.5,
    how: str = "mean",
    sides: int = 1,
    minus: int = 0,
    variance: bool = False,
) -> Tensor:
    """The number with an argument for each way to get it wrong."""

    def enough(k: int) -> bool:
        spread = math.sqrt(tau) if variance else tau
        if how == "of the mean":
            p = torch.special.ndtr(-g.abs().mean() * k**power / spread)
        else:
            each = torch.special.ndtr(-g.abs() * k**power / spread)
            p = each.max() if how == "worst" else each.mean()
        return bool(sides * p <= share)

    return torch.tensor(_first(enough) - minus)


SLIPS = (
    Slip(
        "no-root",
        "The standard deviation of a mean of k draws falls with √k, not with k.",
        {"power": 1.0},
    ),
    Slip(
        "worst-entry",
        "You ask it of the entry with the smallest slope. Asked is the share over all entries.",
        {"how": "worst"},
    ),
    Slip(
        "mean-slope",
        "You take the mean slope for all. The share of wrong signs is the mean of the entries'"
        " probabilities, and small slopes count most.",
        {"how": "of the mean"},
    ),
    Slip("two-sides", "A sign is wrong on one side of zero only.", {"sides": 2}),
    Slip("one-too-few", "One draw too few: round up.", {"minus": 1}),
    Slip(
        "variance",
        "You divide by √τ. τ is the standard deviation of one draw.",
        {"variance": True},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, d: int, tau: float, share: float, scale: float = 1.0) -> Case:
        return Case(special, {"g": scale * draws.signed(d), "tau": tau, "share": share})

    usual = [case("eight pixels", 8, 4.0, 0.05), case("five pixels", 5, 7.0, 0.1)]
    mixed = torch.cat([draws.signed(4), 0.2 * draws.signed(3)])
    edges = [
        Case("slopes of several sizes", {"g": mixed, "tau": 3.0, "share": 0.08}),
        case("hardly any noise", 4, 0.01, 0.05),
        case("a share of a half", 4, 2.0, 0.5),
        case("small slopes", 6, 0.05, 0.02, 0.01),
    ]
    for cases in (usual, edges):
        judge(trial, cases, oracle, formula=formula, slips=SLIPS, exact=True)


EXERCISE = Exercise(
    slug="noise-and-generalization-draws",
    title="How many draws does the attacker need?",
    chapter="noise_and_generalization",
    kind="code",
    difficulty=2,
    minutes=20,
    wants="a function draws_needed(g, tau, share) that returns a whole number",
    hints=(
        "The mean of k draws of one entry is normal with mean g_j. With which standard deviation?",
        "It has the wrong sign with probability Φ(−|g_j|√k/τ). Take the mean over j.",
        "Count k up from 1 until the mean is small enough; Φ is torch.special.ndtr.",
    ),
    examine=examine,
)

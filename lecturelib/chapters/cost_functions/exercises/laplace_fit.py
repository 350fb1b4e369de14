"""cost-functions-laplace-fit: location and scale of maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "cost-functions-laplace-fit"
TOLERANCE = 6e-3  # two digits after the point, rounded
NAMES = ("location", "scale")


def given(draws: Draws) -> Mapping[str, Any]:
    """Nine targets, skewed to the right and in no order, on which no known mistake is right."""
    while True:
        y = 1 + (1.2 * draws.normal(9)).exp()
        y[4] = y[4] + 6  # so that mean and median are far apart
        y = y.round(decimals=2)
        if not _coincides(y):
            return {"y": y}


def _coincides(y: Tensor) -> bool:
    """Whether a mistake happens to give the right location or scale."""
    location, scale = _best(y)
    return any(abs(v - location) < 4 * TOLERANCE for v, _ in _locations(y).values()) or any(
        abs(v - scale) < 4 * TOLERANCE for v, _ in _scales(y).values()
    )


def _best(y: Tensor) -> tuple[float, float]:
    """Median, and mean absolute deviation from it."""
    return y.median().item(), (y - y.median()).abs().mean().item()


def _nll(y: Tensor, loc: float, scale: float) -> float:
    place, size = (torch.tensor(v, dtype=torch.float64) for v in (loc, scale))
    return -torch.distributions.Laplace(place, size).log_prob(y).mean().item()


def _locations(y: Tensor) -> dict[str, tuple[float, str]]:
    return {
        "location-mean": (
            y.mean().item(),
            "Your location is the mean, which is right for a Gaussian. Here each target pulls with "
            "the same force, whatever its distance.",
        ),
        "location-midrange": (
            ((y.max() + y.min()) / 2).item(),
            "Your location is the middle between the smallest and the largest target.",
        ),
        "location-unsorted": (
            y[len(y) // 2].item(),
            "Your location is the fifth target as given. The targets are in no order.",
        ),
    }


def _scales(y: Tensor) -> dict[str, tuple[float, str]]:
    median, mean = y.median(), y.mean()
    away = (y - median).abs()
    return {
        "scale-standard-deviation": (
            y.std(correction=0).item(),
            "Your scale is the standard deviation, which is right for a Gaussian. Differentiate "
            "the Laplace NLL by its own scale.",
        ),
        "scale-unbiased-deviation": (
            y.std().item(),
            "Your scale is the standard deviation with N − 1. Differentiate the Laplace NLL by its "
            "scale.",
        ),
        "scale-median-deviation": (
            away.median().item(),
            "Your scale is the median of the absolute deviations. That is robust too, but the "
            "derivative of the NLL asks for another average of them.",
        ),
        "scale-about-the-mean": (
            (y - mean).abs().mean().item(),
            "Your absolute deviations are taken from the mean. Take them from the location.",
        ),
        "scale-divided-by-less": (
            away.sum().item() / (len(y) - 1),
            "You divide the absolute deviations by N − 1. Maximum likelihood divides by N.",
        ),
        "scale-normal-consistent": (
            1.4826 * away.median().item(),
            "Your scale is 1.4826 times the median deviation, which estimates a *Gaussian's* "
            "standard deviation.",
        ),
        "scale-inverted": (
            1 / away.mean().item(),
            "Your scale is the reciprocal: γ stands below the deviation in the exponent.",
        ),
        "scale-doubled": (2 * away.mean().item(), "Your scale is twice what it should be."),
        "scale-of-values": (
            y.abs().mean().item(),
            "You average the targets themselves. Average their distances from the location.",
        ),
        "scale-summed": (away.sum().item(), "You add up the deviations and do not average them."),
        "scale-squared": (
            away.square().mean().sqrt().item(),
            "Your scale is the root of the mean square about the median.",
        ),
        "scale-halved": (
            away.mean().item() / 2,
            "Your scale is half of what it should be: the 2 in the density belongs to its height.",
        ),
        "scale-from-variance": (
            y.std(correction=0).item() / 2**0.5,
            "Your scale is the standard deviation over √2. That matches the variances; maximum "
            "likelihood does not match variances here.",
        ),
    }


def examine(trial: Trial) -> None:
    y = given(trial.draws)["y"]
    location, scale = _read(trial.answer)
    right = _best(y)
    if _near(location, right[0]) and _near(scale, right[1]):
        return
    tried = f"your nine targets, sorted: {', '.join(f'{v:g}' for v in y.sort().values.tolist())}"
    got = f"location {location:.4g}, scale {scale:.4g}"
    if scale > 0:
        got += f"; mean NLL {_nll(y, location, scale):.4f}, and lower is possible"

    def finding(code: str, says: str) -> Finding:
        return Finding(code, says, tried=tried, got=got)

    if _near(location, right[1]) and _near(scale, right[0]):
        raise finding("swapped", "Location and scale have changed places.")
    if scale <= 0:
        raise finding("not-positive", "A scale is a positive number; yours is not.")
    found = []
    if not _near(location, right[0]):
        found.append(_name(location, _locations(y)) or ("location-wrong", _side(y, location)))
    if not _near(scale, right[1]):
        found.append(
            _name(scale, _scales(y))
            or ("scale-wrong", "The scale is wrong: set the NLL's derivative by it to zero.")
        )
    fine = "" if len(found) == 2 else "The other number is right. "
    raise finding("+".join(c for c, _ in found), fine + " ".join(text for _, text in found))


def _side(y: Tensor, location: float) -> str:
    below = int((y < location).sum())
    return f"Of your nine targets {below} lie below this location. Which location balances them?"


def _near(value: float, wanted: float) -> bool:
    return abs(value - wanted) < TOLERANCE


def _name(value: float, known: Mapping[str, tuple[float, str]]) -> tuple[str, str] | None:
    return next(((c, says) for c, (wrong, says) in known.items() if _near(value, wrong)), None)


def _read(answer: Any) -> tuple[float, float]:
    if isinstance(answer, dict):  # by the letters of the statement, too
        answer = {{"m": "location", "gamma": "scale"}.get(k, k): v for k, v in answer.items()}
    try:
        location, scale = (v.item() for v in read_parts(answer, NAMES))
    except (Finding, ValueError, RuntimeError):
        raise Finding(
            "not-two-numbers", "Wanted are two numbers, (location, scale).", got=describe(answer)
        ) from None
    return location, scale


EXERCISE = Exercise(
    slug=SLUG,
    title="Fit a Laplace model by hand",
    chapter="cost_functions",
    kind="question",
    difficulty=1,
    minutes=10,
    wants="two numbers (location, scale) for your nine targets",
    hints=(
        "For a fixed scale, the location minimizes the sum of absolute deviations.",
        "For that location, the cost is a/γ + log 2γ with one number a. Differentiate by γ.",
        "Sort the targets first.",
    ),
    examine=examine,
    given=given,
)

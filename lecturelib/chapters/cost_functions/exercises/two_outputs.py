"""cost-functions-two-outputs: train a model that says how noisy its targets are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.draws import Draws
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial

SLUG = "cost-functions-two-outputs"
COUNT, FRESH, WANTED = 400, 1_000, 0.1


def truth(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of y given x."""
    return x + torch.cos(4 * x), 0.1 * torch.exp(1 + x)


def _data(draws: Draws, count: int) -> tuple[Tensor, Tensor]:
    x = draws.uniform(count, low=-1.0, high=1.0)
    mean, scale = truth(x)
    return x, mean + scale * draws.normal(count)


def given(draws: Draws) -> Mapping[str, Any]:
    """The training set: inputs x and targets y."""
    x, y = _data(draws, COUNT)
    return {"x": x, "y": y}


def _nll(y: Tensor, mean: Tensor, scale: Tensor) -> float:
    return (((y - mean) / scale) ** 2 / 2 + scale.log()).mean().item()


def examine(trial: Trial) -> None:
    trial.needs_function("x")
    given(trial.draws)  # the training set is drawn first
    x, y = _data(trial.draws, FRESH)
    case = Case(f"{FRESH} new inputs", {"x": x})
    value = trial.call(case)
    mean, scale = (part.reshape(-1) for part in read_parts(value, ("mean", "scale")))
    if len(mean) != FRESH or len(scale) not in (1, FRESH):
        raise Finding(
            "wrong-shape",
            f"For {FRESH} inputs wanted are as many means and as many scales.",
            got=f"{len(mean)} means, {len(scale)} scales",
        )
    scale, right = scale.expand(FRESH), truth(x)
    if (mean > 0).all() and _nll(y, scale, mean) - _nll(y, *right) <= WANTED:
        raise Finding("order", "The values are right but stand in another order: (mean, scale).")
    if not (mean.isfinite().all() and scale.isfinite().all() and (scale > 0).all()):
        raise Finding(
            "not-positive",
            "A standard deviation is positive and finite. What stands between the second output "
            "and the scale?",
        )
    excess = _nll(y, mean, scale) - _nll(y, *right)
    if excess <= WANTED:
        return
    got = f"NLL on new data {excess:.2f} nats above that of the true distribution"
    raise Finding(*_diagnosis(mean, scale, right, y), got=got)


def _diagnosis(
    mean: Tensor, scale: Tensor, right: tuple[Tensor, Tensor], y: Tensor
) -> tuple[str, str]:
    if _nll(y, mean, scale.sqrt()) - _nll(y, *right) <= WANTED:
        return "variance-returned", "Your scale is a variance. Wanted is the standard deviation."
    error = ((mean - right[0]) / right[1]).square().mean().sqrt().item()
    ratio = (scale / right[1]).median().item()
    if ratio < 0.8:
        return (
            "too-sure",
            f"Your scale is {ratio:.2g} times the true one, in the median: the mean follows the "
            "noise of the training set, and the scale shrinks with the residuals. Stop earlier, or "
            "take fewer units; hold a part of the data back to see when.",
        )
    if error > 0.7:
        return (
            "mean-not-learnt",
            "The mean is off by about as much as the noise, or more. Train longer, with another "
            "rate, or with more units.",
        )
    if (scale.max() / scale.min()).item() < 1.5:
        return (
            "constant-scale",
            "Your scale hardly depends on x, and the noise does. Does the gradient of the NLL "
            "reach the second output?",
        )
    return (
        "scale-not-learnt",
        "The mean is learnt, the scale is not yet. Is log s in the cost, and s a standard "
        "deviation? Train longer.",
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Train and tune it: a network with two outputs",
    chapter="cost_functions",
    kind="experiment",
    difficulty=3,
    minutes=40,
    wants="a function predict(x) that returns (mean, scale), one of each for each input",
    hints=(
        "A network with one input and two outputs, as in the chapter's section on noise. Its "
        "second output goes through a softplus.",
        "Write the cost with both terms, and print it for 100 samples that you hold back.",
        "Twenty tanh units and some hundred steps of Adam on all data are enough; the cost of the "
        "held-back samples says when to stop.",
    ),
    examine=examine,
    given=given,
)

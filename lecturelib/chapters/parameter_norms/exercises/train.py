"""parameter-norms-train: a network that does not learn the wrong labels."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SAMPLES, FLIPPED = 600, 0.4
WANTED = 0.82  # of the 360 test digits


def _digits(draws: Draws) -> Any:
    seed = int(1e6 * draws.uniform(1).item())
    return load_digits(standardize=True, flip_labels=FLIPPED, seed=seed, device="cpu")


def given(draws: Draws) -> Mapping[str, Any]:
    """Training data, and held-out data whose labels are as bad."""
    data = _digits(draws)
    x, y = data.x_train, data.y_train
    return {"x": x[:SAMPLES], "y": y[:SAMPLES], "x_held": x[SAMPLES:], "y_held": y[SAMPLES:]}


@torch.no_grad()
def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    try:
        out = model(x)
    except Exception as error:
        raise Finding("raises", f"The network raises {type(error).__name__}: {error}") from error
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    return ((out.argmax(1) == y) & out.isfinite().all(1)).double().mean().item()


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).float().cpu().eval()
    data = _digits(Draws("parameter-norms-train", trial.key))
    test = _accuracy(model, data.x_test, data.y_test)
    if test >= WANTED:
        return
    fitted = _accuracy(model, data.x_train[:SAMPLES], data.y_train[:SAMPLES])
    got = f"test accuracy {test:.3f}, wanted {WANTED}; on the given training labels {fitted:.3f}"
    if fitted > 0.68:
        raise Finding(
            "over-fitted",
            "Your network gives back more labels than are true: it has learned wrong ones.",
            got=got,
        )
    if fitted < 0.45:
        raise Finding(
            "under-fitted",
            "Your network gives back less than half of the labels it was given; 60% of them are "
            "true. Less penalty, or more training.",
            got=got,
        )
    if fitted > (1 - FLIPPED) * test + 0.15:  # it gives back far more than by being right
        raise Finding(
            "wrong-labels-kept",
            "Your network gives back more of the given labels than it would by being right as "
            "often as on the test digits: it has learned some of the wrong ones.",
            got=got,
        )
    raise Finding("nearly", "Neither clearly over- nor under-fitted: try other settings.", got=got)


EXERCISE = Exercise(
    slug="parameter-norms-train",
    title="Train it: 40% of the labels are wrong",
    chapter="parameter_norms",
    kind="experiment",
    difficulty=2,
    minutes=35,
    wants=f"the trained network: accuracy of {WANTED} or more on true test labels",
    hints=(
        "The chapter's loop, its grid, and the accuracy on the held-out digits to choose.",
        "A network that is right everywhere would get 0.6 on held-out labels, of which 40% are "
        "wrong. What do you get?",
        "Strengths of about 0.01 and 0.03 did it in the chapter, at rates of about 0.01.",
    ),
    examine=examine,
    given=given,
)

"""output-units-calibrated: train a network that says how sure it is."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

ACCURACY, NLL = 0.88, 0.34  # on the 1,097 test digits


def _temperature(z: Tensor, t: Tensor) -> float:
    """The one of lowest NLL, on a grid."""
    grid = torch.logspace(-2, 2, 161).tolist()
    return min(grid, key=lambda T: cross_entropy(z / T, t).item())


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).eval()
    data = load_digits(standardize=True, test_size=1097, seed=0)
    parameter = next(model.parameters(), data.x_test)
    try:
        with torch.no_grad():
            z = model(data.x_test.to(parameter))
    except Exception as error:
        raise Finding(
            "wrong-outputs",
            f"On the images, a tensor of shape (1097, 64), the network stops: {error}",
            got=describe(answer),
        ) from error
    t = data.y_test
    if not isinstance(z, Tensor) or z.shape != (len(t), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(z)
        )
    z = z.double().cpu()
    accuracy = (z.argmax(1) == t).double().mean().item()
    cost = cross_entropy(z, t).item()
    got = f"test accuracy {accuracy:.3f}, NLL {cost:.3f}"
    if accuracy >= ACCURACY and cost <= NLL:
        return
    raise Finding(*_diagnosis(z, t, accuracy), got=got)


def _diagnosis(z: Tensor, t: Tensor, accuracy: float) -> tuple[str, str]:
    if bool((z >= 0).all()) and torch.allclose(z.sum(1), torch.ones_like(z[:, 0]), atol=1e-4):
        return (
            "probabilities",
            "The network puts out probabilities. Wanted are logits: the check takes the softmax.",
        )
    if accuracy < 0.5:
        return (
            "not-trained",
            "The network reads few digits. Has it been trained, on standardized images, and did "
            "the cost fall?",
        )
    T = _temperature(z, t)
    if cross_entropy(z / T, t).item() <= NLL and accuracy >= ACCURACY:
        if T > 1:
            return (
                "too-sure",
                f"The classes are in a good order, and the logits too large: divided by {T:.2g} "
                "they would do. Where could you learn this number without the test digits?",
            )
        return (
            "too-timid",
            f"The classes are in a good order, and the logits too small: divided by {T:.2g} they "
            "would do.",
        )
    return (
        "not-enough",
        "No temperature mends this. Try another rate, a wider layer, weight decay, or more or "
        "fewer steps, and judge by the NLL on the 500 digits that you hold back.",
    )


EXERCISE = Exercise(
    slug="output-units-calibrated",
    title="Train and tune it: sure only where it is right",
    chapter="output_units",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the trained network, which gives logits: test NLL of {NLL} or less",
    hints=(
        "Train as the chapter does, and print the NLL on the 500 digits as the steps go on. It "
        "falls, and rises again.",
        "Stopping in time helps, and is not enough for the chapter's network. Go on and fit a "
        "temperature on the 500, or keep the weights small by a penalty.",
        "A temperature becomes part of the network if weight and bias of the last layer are "
        "divided by it.",
    ),
    examine=examine,
)

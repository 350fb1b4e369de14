"""batch-norm-twenty-steps: train a deep network so briefly that its running statistics lag."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.88  # of the 360 test digits
FEWER = 5 / 360 + 1e-9  # at most, than in training mode
NORMS = 6


def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        out = model(x)
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    return (out.argmax(1) == y).double().mean().item()


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    # PyTorch's batch norm and the package's, which share the name and the statistics.
    norms = [m for m in answer.modules() if type(m).__name__ == "BatchNorm1d"]
    if len(norms) < NORMS:
        raise Finding(
            "too-few-norms",
            f"The network has {len(norms)} layers of batch norm; wanted are {NORMS} or more.",
        )
    model = copy.deepcopy(answer)
    parameter = next(model.parameters())
    data = load_digits()
    x, y = data.x_test.to(parameter), data.y_test.to(parameter.device)
    score = _accuracy(model.eval(), x, y)
    in_training = _accuracy(model.train(), x, y)
    if score >= WANTED and in_training - score <= FEWER:
        return
    got = f"test accuracy {score:.3f} in evaluation mode, {in_training:.3f} in training mode"
    if score >= WANTED:
        raise Finding(
            "lagging",
            "The accuracy suffices, and it is more than five digits below that in training mode: "
            "the statistics lag behind the weights. Let them keep up, or estimate them again.",
            got=got,
        )
    if in_training >= WANTED:
        raise Finding(
            "stale-statistics",
            "The weights have learnt the digits, but in evaluation mode the network does not show"
            " it. What does it divide by there?",
            got=got,
        )
    statistics = [s for m in norms if isinstance(s := m.running_mean, Tensor)]
    if all(bool((s == 0).all()) for s in statistics):
        raise Finding(
            "not-trained",
            "The network has seen no batch in training mode: its running means are all 0.",
            got=got,
        )
    raise Finding(
        "not-learnt",
        f"Even with the statistics of the batch at hand the accuracy is below {WANTED}. Twenty"
        " steps are few: try other rates. The images are load_digits() as they come.",
        got=got,
    )


EXERCISE = Exercise(
    slug="batch-norm-twenty-steps",
    title="Train it: twenty steps",
    chapter="batch_norm",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the trained network: test accuracy of {WANTED} or more in evaluation mode, at most "
    "five digits below training mode",
    hints=(
        (
            "Look at the loss in training first. Is it low after twenty steps? If not, the rate is"
            " not the right one."
        ),
        "After twenty steps of momentum 0.1 the initial statistics still weigh 0.9**20.",
        (
            "You may choose the norms' momentum, or estimate the statistics again when training is"
            " over."
        ),
    ),
    examine=examine,
)

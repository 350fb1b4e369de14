"""dropout-train: a network that learns from wrong labels without learning them."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.84  # of the 360 test digits
RATE = 0.1  # the least probability of dropping
LEARNT = 0.7  # of the training labels; 0.6 of them are true


def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        out = model(x)
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    return (out.argmax(1) == y).double().mean().item()


@torch.no_grad()
def _check_masks(model: nn.Module, x: Tensor) -> None:
    """The layers of dropout must change the outputs when they are on, and nothing else may."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model.eval()
        if not torch.allclose(model(x), model(x)):
            raise Finding(
                "masks-on",
                "In evaluation mode two passes over the same digits differ: a mask is on there.",
            )
        for module in model.modules():
            if isinstance(module, nn.modules.dropout._DropoutNd) and module.p >= RATE:
                module.train()
        if torch.allclose(model(x), model(x)):
            raise Finding(
                "dropout-idle",
                "The network has a dropout layer, and nothing passes through it: with the layer in "
                "training mode two passes over the same digits are alike.",
            )
        model.eval()


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    rates = [m.p for m in answer.modules() if isinstance(m, nn.modules.dropout._DropoutNd)]
    if not any(rate >= RATE for rate in rates):
        raise Finding("no-dropout", f"The network has no dropout layer with p of {RATE} or more.")
    model = copy.deepcopy(answer).eval()
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise Finding("not-trained", "The network has no parameters.")
    digits = load_digits(standardize=True, flip_labels=0.4)
    x, y, x_test, y_test = (
        t.to(parameter) if t.is_floating_point() else t.to(parameter.device) for t in digits
    )
    _accuracy(model, x_test, y_test)  # of the right shape
    _check_masks(model, x_test)
    score, learnt = _accuracy(model, x_test, y_test), _accuracy(model, x, y)
    if score >= WANTED:
        return
    got = f"test accuracy {score:.3f}, training labels reproduced {learnt:.3f}"
    if score < 0.2:
        raise Finding(
            "not-trained",
            "The network answers hardly better than chance. Has it been trained on standardized "
            "digits, and did the loss fall? A high p or a high rate may stop it.",
            got=got,
        )
    if learnt > LEARNT:
        raise Finding(
            "wrong-labels-learnt",
            "It reproduces more of the training labels than are true: it has begun to learn the "
            "wrong ones. Drop more, or train less.",
            got=got,
        )
    raise Finding(
        "not-enough",
        f"It has not learnt the wrong labels, and it reaches less than {WANTED}: more steps, more "
        "units, or another rate.",
        got=got,
    )


EXERCISE = Exercise(
    slug="dropout-train",
    title="Train and tune: labels that lie",
    chapter="dropout",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants=f"the trained network with dropout: test accuracy of {WANTED} or more without masks",
    hints=(
        "Set some training digits with their wrong labels apart, and pick p and rate by the "
        "accuracy on them: 0.6 is the most that can be had there.",
        "models.mlp(64, [128, 128], 10, dropout=p) is wide enough; a few hundred steps of SGD with "
        "momentum 0.9 suffice.",
        "If the network reproduces more than 60% of its labels, it has learnt wrong ones.",
    ),
    examine=examine,
)

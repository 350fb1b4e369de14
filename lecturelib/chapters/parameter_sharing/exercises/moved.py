"""parameter-sharing-moved: train on digits in the middle, be right everywhere."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.chapters.parameter_sharing.experiments import centred, in_places
from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED, MOST = 0.85, 1_000


def _accuracy(model: nn.Module, images: Tensor, y: Tensor) -> float:
    try:
        with torch.no_grad():
            out = model(images.view(-1, 1, 12, 12))
    except Exception as error:
        raise Finding(
            "wrong-inputs",
            "The network should take images of shape (N, 1, 12, 12). With them it stops: "
            f"{type(error).__name__}: {error}",
        ) from None
    if not isinstance(out, Tensor) or out.shape != (len(y), 10):
        raise Finding(
            "wrong-outputs",
            "The network should map (N, 1, 12, 12) to (N, 10).",
            got=describe(out),
        )
    return (out.argmax(1) == y).double().mean().item()


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    count = sum(p.numel() for p in answer.parameters())
    if count > MOST:
        raise Finding(
            "too-many-parameters",
            f"The network has {count} parameters, more than {MOST}. Which layer has most of them?",
        )
    digits = load_digits()
    model = copy.deepcopy(answer).eval().cpu().float()
    y = digits.y_test
    everywhere = in_places(digits.x_test, torch.Generator().manual_seed(0))
    moved = _accuracy(model, everywhere, y)
    middle = _accuracy(model, centred(digits.x_test), y)
    if moved >= WANTED:
        return
    got = f"test accuracy {middle:.3f} in the middle, {moved:.3f} at random places"
    if middle >= WANTED:
        raise Finding(
            "not-invariant",
            "In the middle it is good enough, elsewhere it is not. Which part of the network "
            "depends on the place? Strides and borders do, too.",
            got=got,
        )
    raise Finding(
        "not-learnt",
        "Even in the middle the accuracy is too low. Train longer, try other rates, or divide the "
        "parameters otherwise.",
        got=got,
    )


EXERCISE = Exercise(
    slug="parameter-sharing-moved",
    title="Train and tune it: right everywhere",
    chapter="parameter_sharing",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants=f"the trained network: {WANTED} of the moved test digits, at most {MOST} parameters",
    hints=(
        "Convolutions without stride, then the largest value over all places, then one linear "
        "layer: what depends on the place?",
        "At the border: how much padding lets each window that touches the digit have its turn?",
        "About ten kernels of 5×5 and a 1×1 convolution behind them; Adam near 0.02, some hundred "
        "steps.",
    ),
    examine=examine,
)

"""loss-smoothness-stands-the-rate: a plain deep network, with steps that are cut short."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

HIDDEN, WIDTH, WANTED = 8, 64, 0.85


def _linears(model: nn.Module) -> list[nn.Linear]:
    return [m for m in model.modules() if isinstance(m, nn.Linear)]


@torch.no_grad()
def _is_relu_or_nothing(module: nn.Module) -> bool:
    """Whether a layer is a ReLU, of whatever class, or hands its input on."""
    if next(module.parameters(), None) is not None:
        return False
    probe = torch.linspace(-2, 2, 12).view(3, 4)
    out = module(probe)
    return torch.equal(out, probe.relu()) or torch.equal(out, probe)


def _check_plain(model: nn.Module) -> None:
    others = sorted(
        {
            type(m).__name__
            for m in model.modules()
            if not list(m.children())
            and not isinstance(m, nn.Linear)
            and not _is_relu_or_nothing(m)
        }
    )
    if others:
        raise Finding(
            "not-plain",
            "The network should consist of linear layers and ReLUs alone.",
            got=", ".join(others),
        )
    sizes = [m.out_features for m in _linears(model)]
    if sizes != [WIDTH] * HIDDEN + [10]:
        raise Finding(
            "other-shape",
            f"Wanted are {HIDDEN} hidden layers of {WIDTH} units and 10 outputs.",
            got=f"layers of {sizes}",
        )


@torch.no_grad()
def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    out = model(x)
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 64) to (N, 10).", got=describe(out)
        )
    if not out.isfinite().all():
        raise Finding(
            "exploded",
            "The outputs are no finite numbers: a step was long enough to multiply through all"
            " layers. Cut it before it is made.",
        )
    return (out.argmax(1) == y).double().mean().item()


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).eval().cpu().float()
    _check_plain(model)
    data = load_digits()
    try:
        score = _accuracy(model, data.x_test, data.y_test)
    except (RuntimeError, TypeError) as error:
        raise Finding(
            "wrong-inputs", "The network should map (N, 64) to (N, 10).", got=str(error)[:80]
        ) from None
    if score >= WANTED:
        return
    got = f"test accuracy {score:.3f}"
    if score < 0.2:
        raise Finding(
            "not-trained",
            "It answers no better than chance. Did the loss rise in the first steps, and stay"
            " there? Then a step was too long; or too short, if it never moved.",
            got=got,
        )
    raise Finding(
        "not-enough",
        "It has learnt something. Look at how many of your steps were cut: if nearly all, allow"
        " longer ones; if none, cut earlier or train longer.",
        got=got,
    )


EXERCISE = Exercise(
    slug="loss-smoothness-stands-the-rate",
    title="Tune it: a plain network at the rate 1",
    chapter="loss_smoothness",
    kind="experiment",
    difficulty=3,
    minutes=40,
    wants=f"the trained network: test accuracy of {WANTED} or more",
    hints=(
        "Print the loss and the length of the gradient at each of the first twenty steps.",
        "Two ways to cut a step: bound its length (clip the gradient), or halve it until the loss"
        " on the batch no longer rises.",
        "torch.nn.utils.clip_grad_norm_(model.parameters(), …) bounds the length of the gradient;"
        " the chapter's walks say how far a step may go.",
    ),
    examine=examine,
)

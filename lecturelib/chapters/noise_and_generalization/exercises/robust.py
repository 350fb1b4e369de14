"""noise-and-generalization-robust: train a network that stands an attack."""

from __future__ import annotations

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.attacks import pgd
from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

EPSILON, CLEAN, ATTACKED = 0.1, 0.92, 0.6


def _shrunk(model: nn.Module, x: Tensor) -> nn.Module:
    """The model with logits of moderate size, so that no gradient is lost in rounding."""
    with torch.no_grad():
        size = float(model(x).abs().median().clamp(min=1e-30))

    class Moderate(nn.Module):
        def forward(self, at: Tensor) -> Tensor:
            out: Tensor = model(at) * (3 / size)
            return out

    return Moderate()


def _slope_is_true(model: nn.Module, x: Tensor, y: Tensor, h: float = 1e-3) -> bool:
    """Whether the loss rises along the gradient's signs as fast as the gradient says."""
    at = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(F.cross_entropy(model(at), y), at)
    with torch.no_grad():
        up, down = (F.cross_entropy(model(x + s * h * g.sign()), y) for s in (1, -1))
    said, seen = float(g.abs().sum()), float(up - down) / (2 * h)
    return said > 0 and 0.5 < seen / said < 2


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
        raise Finding("not-a-network", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).eval().cpu().float()
    data = load_digits(standardize=False)
    x, y = data.x_test, data.y_test
    try:
        _examine(model, x, y)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise Finding(
            "can't-be-attacked",
            "The attack could not be run: the network should map float32 inputs (N, 64) to logits,"
            " with a gradient.",
            got=str(error)[:80],
        ) from None


def _examine(model: nn.Module, x: Tensor, y: Tensor) -> None:
    with torch.no_grad():
        if not torch.equal(model(x), model(x)):
            raise Finding(
                "noisy-at-test",
                "Its answers are random in evaluation mode. Train with noise if you like, and"
                " switch it off for the test.",
            )
    clean = _accuracy(model, x, y)
    if clean < CLEAN:
        raise Finding(
            "clean",
            f"On clean digits it should reach {CLEAN}. Less noise, a weaker attack in training, or"
            " more epochs?",
            got=f"{clean:.3f}",
        )
    moderate = _shrunk(model, x)
    if not _slope_is_true(moderate, x, y):
        raise Finding(
            "false-gradient",
            "The loss does not rise along the gradient as the gradient says, so an attack that"
            " follows it shows nothing. Nothing in the network should round or hide it.",
        )
    found = pgd(moderate, x, y, epsilon=EPSILON, step_size=0.025, steps=20, clamp=(0.0, 1.0))
    attacked = _accuracy(model, found, y)
    if attacked >= ATTACKED:
        return
    words = (
        "That is what ordinary training gives. Train on changed inputs: attacked ones, or noisy"
        " ones."
        if attacked < 0.5
        else "You are on the way. More noise or a stronger attack in training; or train longer."
    )
    code = "not-robust" if attacked < 0.5 else "nearly"
    raise Finding(
        code,
        f"Under PGD it should reach {ATTACKED}. {words}",
        got=f"clean {clean:.3f}, under PGD {attacked:.3f}",
    )


EXERCISE = Exercise(
    slug="noise-and-generalization-robust",
    title="Train and tune it: digits that stand an attack",
    chapter="noise_and_generalization",
    kind="experiment",
    difficulty=3,
    minutes=40,
    wants=f"the trained network: {CLEAN} on clean digits, {ATTACKED} under PGD",
    hints=(
        "Pixels lie in [0, 1]. What happened to robustness when noise was added to the inputs?",
        "Add noise of standard deviation 0.2 to 0.5 to each batch, or attack it with fgsm first.",
        "Try three sizes of the noise, and plot clean and attacked accuracy against it.",
    ),
    examine=examine,
)

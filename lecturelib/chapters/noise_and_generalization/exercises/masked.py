"""noise-and-generalization-masked: a defence that only looks robust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.attacks import pgd
from lecturelib.data import load_digits
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

SLUG = "noise-and-generalization-masked"
EPSILON, WANTED, LOST, HIDDEN = 0.1, 0.7, 0.02, 0.1


def classifier() -> nn.Linear:
    """A linear classifier of the digits, by ridge regression on their classes."""
    data = load_digits(standardize=False)
    x, y = data.x_train.double(), data.y_train
    ones = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)
    target = 2 * torch.nn.functional.one_hot(y, 10).double() - 1
    gram = ones.T @ ones + 3 * torch.eye(65, dtype=x.dtype)
    solution = torch.linalg.solve(gram, ones.T @ target)
    model = torch.nn.utils.skip_init(nn.Linear, 64, 10)
    with torch.no_grad():
        model.weight.copy_(5 * solution[:-1].T)
        model.bias.copy_(5 * solution[-1])
    return model


def given(draws: Draws) -> Mapping[str, Any]:
    """The classifier and the 200 digits on which the competition attacks."""
    data = load_digits(standardize=False)
    return {"model": classifier(), "x": data.x_test[:200], "y": data.y_test[:200]}


def _attack(model: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> Tensor:
    return pgd(model, x, y, epsilon=EPSILON, step_size=EPSILON / 4, steps=10, clamp=(0.0, 1.0))


def _accuracy(model: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        out = model(x)
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The defence should map (N, 64) to (N, 10).", got=describe(out)
        )
    return (out.argmax(1) == y).double().mean().item()


def examine(trial: Trial) -> None:
    data, answer = given(trial.draws), trial.answer
    if not callable(answer):
        raise Finding("not-callable", "Wanted is a function or a network.", got=describe(answer))
    model, x, y = data["model"], data["x"], data["y"]
    try:
        _examine(answer, model, x, y)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise Finding(
            "gradient-stopped",
            "The attack could not be run on it. It needs logits with a gradient for the inputs, in"
            " float32, shape (N, 10).",
            got=str(error)[:80],
        ) from None


def _examine(answer: Callable[[Tensor], Tensor], model: nn.Module, x: Tensor, y: Tensor) -> None:
    before, clean = _accuracy(model, x, y), _accuracy(answer, x, y)
    if clean < before - LOST:
        raise Finding(
            "less-accurate",
            "Without an attack it is less accurate than the classifier. The jury would notice.",
            got=f"{clean:.3f} instead of {before:.3f}",
        )
    found = _attack(model, x, y)
    falls, moved = _accuracy(model, found, y), _accuracy(answer, found, y)
    if moved > falls + HIDDEN:
        raise Finding(
            "robust-after-all",
            "It answers the classifier's own adversarial examples better than the classifier does:"
            " that is no disguise. Wanted is one that is as weak as before, and looks strong.",
            got=f"accuracy {moved:.3f} on them, the classifier's {falls:.3f}",
        )
    looks = _accuracy(answer, _attack(answer, x, y), y)
    if looks >= WANTED:
        return
    if looks <= falls + 0.05:
        raise Finding(
            "still-falls",
            "PGD brings it down like the classifier. What does the attack need of it at each step,"
            " and how could that get lost in rounding?",
            got=f"accuracy under PGD {looks:.3f}",
        )
    raise Finding(
        "not-enough",
        f"PGD is hampered, but accuracy under it should be {WANTED}. Is the gradient exactly zero"
        " on most digits, or only small? Signs do not care for size.",
        got=f"accuracy under PGD {looks:.3f}",
    )


EXERCISE = Exercise(
    slug=SLUG,
    title="Break it: a defence that only looks robust",
    chapter="noise_and_generalization",
    kind="experiment",
    difficulty=2,
    minutes=25,
    wants="a function or network from (N, 64) to logits (N, 10)",
    hints=(
        "PGD takes the sign of the gradient of the cross-entropy. When is this gradient exactly 0?",
        "If softmax gives the right class the probability 1, in float32, nothing is left of it.",
        "Which change of the logits does that, and leaves every answer as it is?",
    ),
    examine=examine,
    given=given,
)

"""normalization-family-alone: a recurrent net that answers one sample as it does in company."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe

WANTED = 0.85  # of the 360 test digits


def _logits(model: nn.Module, x: Tensor) -> Tensor:
    try:
        with torch.no_grad():
            out = model(x)
    except Exception as error:
        raise Finding(
            "cannot-read",
            f"The network cannot read a batch of shape {tuple(x.shape)}, samples, rows and columns:"
            f" {type(error).__name__}: {str(error)[:120]}",
        ) from None
    if not isinstance(out, Tensor) or out.shape != (len(x), 10):
        raise Finding(
            "wrong-outputs", "The network should map (N, 8, 8) to (N, 10).", got=describe(out)
        )
    return out


def examine(trial: Trial) -> None:
    answer: Any = trial.answer
    if not isinstance(answer, nn.Module):
        raise Finding("not-a-model", "Wanted is the trained network.", got=describe(answer))
    model = copy.deepcopy(answer).train()
    parameter = next(model.parameters(), torch.zeros(1))
    data = load_digits(standardize=True)
    x, y = data.x_test.to(parameter).view(-1, 8, 8), data.y_test.to(parameter.device)
    logits = _logits(model, x)
    few = _logits(copy.deepcopy(answer).train(), x[:3])
    change = ((few - logits[:3]).norm() / logits[:3].norm()).item()
    if not change < 1e-3:
        raise Finding(
            "company-matters",
            "In training mode the answer to a digit depends on the other digits of its batch, or "
            "on chance. Which norm takes its statistics within a sample?",
            got=f"relative change of the logits {change:.2g} in a batch of 3",
        )
    score = (logits.argmax(1) == y).double().mean().item()
    if score >= WANTED:
        return
    got = f"test accuracy {score:.3f}"
    if score < 0.2:
        raise Finding("not-trained", "The network answers hardly better than chance.", got=got)
    raise Finding(
        "not-enough",
        f"It has learnt something, but less than {WANTED}. More steps, or Adam at 0.01?",
        got=got,
    )


EXERCISE = Exercise(
    slug="normalization-family-alone",
    title="Train it: read a digit row by row, alone as in company",
    chapter="normalization_family",
    kind="experiment",
    difficulty=2,
    minutes=35,
    wants=f"the trained network: accuracy of {WANTED} or more on the test digits, in training mode",
    hints=(
        "The state is a vector of, say, 64 numbers that starts at 0; each row changes it.",
        "h = torch.relu(norm(W(h) + U(row))), eight times; then a linear layer gives ten logits.",
        "Adam at 0.01, batches of 64 and 300 steps are enough.",
    ),
    examine=examine,
)

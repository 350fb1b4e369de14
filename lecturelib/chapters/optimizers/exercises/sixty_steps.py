"""optimizers-sixty-steps: choose a solver that trains a given network within sixty steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lecturelib.data import load_digits
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Finding, Trial, describe
from lecturelib.models import mlp

STEPS, BATCH, RUNS = 60, 128, 3
WANTED = 0.94  # of the 360 test digits, the median of the runs


def run(solver: Any, seed: int) -> tuple[float, float, int]:
    """Train for the sixty steps; accuracy on the test digits, loss of the last minibatch, and how
    many of the six weights and biases never moved."""
    data, generator = load_digits(), torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = mlp(64, [64, 64], 10)
    try:  # not by trial.call, which would hand out copies of the parameters
        optimizer = solver(list(model.parameters()))
    except Exception as error:
        raise Finding("raises", f"Your function raises {type(error).__name__}: {error}") from error
    if not (hasattr(optimizer, "step") and hasattr(optimizer, "param_groups")):
        raise Finding(
            "no-optimizer",
            "Your function should return an optimizer for the parameters that it gets.",
            got=describe(optimizer),
        )
    start = [p.detach().clone() for p in model.parameters()]
    loss = torch.zeros(())
    for _ in range(STEPS):
        batch = torch.randint(len(data.x_train), (BATCH,), generator=generator)
        loss = cross_entropy(model(data.x_train[batch]), data.y_train[batch])
        model.zero_grad()
        loss.backward()
        optimizer.step()
    resting = sum(map(torch.equal, start, model.parameters()))
    return _accuracy(model, data.x_test, data.y_test), loss.item(), resting


@torch.no_grad()
def _accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    out = model(x)
    return ((out.argmax(1) == y) & out.isfinite().all(1)).double().mean().item()


def examine(trial: Trial) -> None:
    if not isinstance(trial.answer, type):  # a class of optimizers is such a function
        trial.needs_function("parameters")
    results = [run(trial.answer, seed) for seed in range(RUNS)]
    accuracies = sorted(accuracy for accuracy, _, _ in results)
    losses = sorted(loss for _, loss, _ in results)
    middle, loss = accuracies[RUNS // 2], losses[RUNS // 2]
    got = f"test accuracy {', '.join(f'{a:.3f}' for a in accuracies)}; wanted {WANTED}"
    if middle >= WANTED:
        return
    resting = min(count for _, _, count in results)
    if 0 < resting < 6:
        raise Finding(
            "parameters-left-out",
            f"{resting} of the network's six weights and biases never move. The optimizer should "
            "get all of the parameters.",
            got=got,
        )
    if not loss < 2.2:
        raise Finding(
            "rate-too-large-or-tiny",
            "After sixty steps the loss is still near log 10 = 2.3, or worse. The rate is far too "
            "large, or nothing moves, or it moves uphill: print the loss of the first steps.",
            got=got,
        )
    raise Finding(
        "too-slow",
        f"The network learns, but sixty steps do not take it there (loss {loss:.2f}). Try other "
        "rates, two a decade, and other solvers: here they are not alike.",
        got=got,
    )


EXERCISE = Exercise(
    slug="optimizers-sixty-steps",
    title="Train it: sixty steps",
    chapter="optimizers",
    kind="experiment",
    difficulty=2,
    minutes=30,
    wants="a function solver(parameters) that returns an optimizer",
    hints=(
        "The pixels are as they come. Look at the first table of the chapter.",
        "Write the loop yourself, and print the test accuracy for a grid of rates.",
    ),
    examine=examine,
)

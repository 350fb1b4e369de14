"""gradient-descent-budget: train a network with a given number of sample gradients."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lecturelib.exercises.comparing import to_tensor
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

HIDDEN, CLASSES, PIXELS, EPOCHS, WANTED = 32, 10, 64, 3, 0.945
SIZES = (PIXELS * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES)


@cache
def _digits() -> tuple[Tensor, ...]:
    from lecturelib.data import load_digits

    data = load_digits(standardize=True)
    return data.x_train, data.y_train, data.x_test, data.y_test


def _forward(theta: Tensor, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    w, b, v, c = theta.split(SIZES)
    h = (x @ w.view(PIXELS, HIDDEN) + b).relu()
    return h, h @ v.view(HIDDEN, CLASSES) + c, v.view(HIDDEN, CLASSES)


class Budget:
    """Gradients of minibatches, and how many samples they have taken so far."""

    def __init__(self, start: Tensor) -> None:
        self.start, self.spent, self.calls = start, 0, 0
        self.count = len(_digits()[0])
        self.samples = EPOCHS * self.count

    def gradient(self, theta: Any, batch: Any) -> Any:
        """Gradient at theta of the mean loss over the samples with these indices; zeros once the
        budget is spent."""
        x, y, *_ = _digits()
        chosen = torch.as_tensor(np.asarray(batch)).long().reshape(-1)
        self.spent, self.calls = self.spent + len(chosen), self.calls + 1
        values = torch.as_tensor(np.asarray(theta)).float()
        if self.spent > self.samples:
            found = torch.zeros_like(values)
        else:
            x, y = x[chosen], y[chosen]
            h, z, v = _forward(values, x)
            dz = z.softmax(1)
            dz[torch.arange(len(y)), y] -= 1
            dz /= len(y)
            dh = (dz @ v.T) * (h > 0)
            parts = (x.T @ dh, dh.sum(0), h.T @ dz, dz.sum(0))
            found = torch.cat([part.flatten() for part in parts])
        return found.numpy().astype(float) if isinstance(theta, np.ndarray) else found.double()

    def accuracy(self, theta: Any) -> float:
        """Share of the 360 test digits that theta classes rightly."""
        *_, x, y = _digits()
        values = torch.as_tensor(np.asarray(theta)).float()
        return (_forward(values, x)[1].argmax(1) == y).double().mean().item()


def _problem(draws: Draws) -> Budget:
    generator = torch.Generator().manual_seed(int(draws.uniform(1).item() * 1e4))
    start = [
        (2 / PIXELS) ** 0.5 * torch.randn(SIZES[0], generator=generator),
        torch.zeros(SIZES[1]),
        (2 / HIDDEN) ** 0.5 * torch.randn(SIZES[2], generator=generator),
        torch.zeros(SIZES[3]),
    ]
    return Budget(torch.cat(start).double())


def given(draws: Draws) -> Mapping[str, Any]:
    """The gradient as a function, the start, and the number of samples."""
    problem = _problem(draws)
    return {
        "gradient": problem.gradient,
        "theta": problem.start,
        "N": problem.count,
        "accuracy": problem.accuracy,
    }


def examine(trial: Trial) -> None:
    trial.needs_function("gradient", "theta", "N")
    problem = _problem(trial.draws)

    def gradient(theta: Any, batch: Any) -> Any:  # arguments are copied, a function is not
        return problem.gradient(theta, batch)

    arguments = {"gradient": gradient, "theta": problem.start.clone(), "N": problem.count}
    case = Case("the digits", arguments)
    value = to_tensor(trial.call(case))
    if value is None or value.numel() != sum(SIZES):
        raise Finding(
            "wrong-shape",
            f"Wanted are the {sum(SIZES):,} parameters at the end, in the order of theta.",
            got=describe(trial.answer if value is None else value),
        )
    theta = value.double().reshape(-1)
    if problem.calls == 0:
        raise Finding("no-gradient", "Your function never asks for a gradient.")
    if problem.spent > problem.samples:
        raise Finding(
            "over-budget",
            f"You asked for {problem.spent:,} sample gradients; the budget is {EPOCHS} epochs, "
            f"{problem.samples:,}. A minibatch of B costs B.",
        )
    if not theta.isfinite().all():
        raise Finding(
            "diverged",
            "The parameters are not finite: the steps are too long, or they lead uphill.",
        )
    accuracy = problem.accuracy(theta)
    if accuracy >= WANTED:
        return
    steps, before = problem.calls, problem.accuracy(problem.start)
    got = f"{accuracy:.3f} of the test digits right, after {steps} steps"
    raise Finding(*_diagnosis(problem, theta - problem.start, accuracy, before), got=got)


def _diagnosis(problem: Budget, moved: Tensor, accuracy: float, before: float) -> tuple[str, str]:
    if moved.abs().max() < 1e-9:
        return "not-moved", "The parameters at the end are those of the start."
    if moved.norm() > 100:
        return "too-long", "The parameters went very far: the rate is too large for these batches."
    if accuracy < before + 0.1:
        return "no-better", "The network is no better than at the start. Which way do you step?"
    if problem.calls < 30:
        return (
            "few-steps",
            f"With such large minibatches the budget is spent after {problem.calls} steps. Smaller "
            "ones give more steps for the same work.",
        )
    if problem.spent < 0.7 * problem.samples:
        return "budget-left", "A good part of the budget is left: use it."
    return (
        "not-tuned",
        "Not good enough yet. Try other rates, a factor of two or three apart, and minibatches "
        "between 4 and 64; let the rate fall towards the end.",
    )


EXERCISE = Exercise(
    slug="gradient-descent-budget",
    title="Train and tune: three epochs, not more",
    chapter="gradient_descent",
    kind="experiment",
    difficulty=3,
    minutes=35,
    wants="a function descend(gradient, theta, N) that returns the parameters at the end",
    hints=(
        "torch.randperm(N).split(B) walks through a shuffled set in minibatches of B.",
        "A minibatch of 16 leaves about 270 steps. What is the largest rate that works there?",
        "A rate that falls to zero over the last epoch quietens the noise of the minibatches.",
    ),
    examine=examine,
    given=given,
)

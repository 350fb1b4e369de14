"""residual-connections-undo: get back what entered a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lecturelib.exercises.reading import to_tensor
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

Branch = Callable[[Any], Any]


class _Counted:
    """A branch that counts its calls, and takes tensors or arrays."""

    def __init__(self, branch: Callable[[Tensor], Tensor]) -> None:
        self.branch, self.calls = branch, 0

    def __call__(self, h: Any) -> Any:
        self.calls += 1
        out = self.branch(torch.as_tensor(h, dtype=torch.float64))
        return out if isinstance(h, Tensor) else out.numpy()


def _branch(trial: Trial, width: int, norm: float) -> Callable[[Tensor], Tensor]:
    """A branch of two layers, the product of whose norms is ``norm``."""
    W, V = trial.draws.normal(width, width), trial.draws.normal(width, width)
    W, V = (w / torch.linalg.matrix_norm(w, 2) for w in (W, V))
    b = trial.draws.normal(width)
    return lambda h: norm * torch.relu(torch.relu(h) @ W.T + b) @ V.T


def _turning(trial: Trial, width: int, norm: float) -> Callable[[Tensor], Tensor]:
    """A branch that turns what it gets: each step of the iteration gains no more than it must."""
    q, _ = torch.linalg.qr(trial.draws.normal(width, width))
    return lambda h: norm * h @ q.T


def examine(trial: Trial) -> None:
    trial.needs_function("y", "branch")
    rows = (
        ("a branch of norm 0.5", 5, 0.5),
        ("a branch of norm 0.9", 4, 0.9),
        ("one unit", 1, 0.7),
    )
    branches = [(name, width, _branch(trial, width, norm)) for name, width, norm in rows]
    branches.append(("a branch of norm 0.9 that turns its input", 3, _turning(trial, 3, 0.9)))
    for name, width, f in branches:
        h = 2 * trial.draws.normal(6, width)
        y = h + f(h)
        counted = _Counted(f)
        got = to_tensor(trial.call(Case(name, {"y": y, "branch": counted}, smooth=False)))
        if got is None or got.shape != h.shape:
            raise Finding(
                "wrong-shape",
                f"Wanted is what entered the block, of the shape of y, {tuple(h.shape)}.",
                tried=name,
                got="nothing that is numbers" if got is None else describe(got),
            )
        got = got.double()
        if got.isfinite().all() and (got - h).abs().max() < 1e-5:
            continue
        _diagnose(got, y, h, f, name)


def _diagnose(got: Tensor, y: Tensor, h: Tensor, f: Branch, name: str) -> None:
    def near(wanted: Tensor) -> bool:
        return bool((got - wanted).abs().max() < 1e-6)

    if not got.isfinite().all():
        raise Finding("not-finite", "The result is not finite.", tried=name)
    if near(y):
        raise Finding("unchanged", "This is y itself. What must be taken away from it?", tried=name)
    if near(y - f(y)):
        raise Finding(
            "one-step",
            "You take away F(y) once. But F was applied to h, not to y: what you have is a better "
            "guess of h than y. Guess again.",
            tried=name,
        )
    if near(y + f(y)):
        raise Finding("sign", "You add the branch once more. It must be taken away.", tried=name)
    gap = (got - h).abs().max().item()
    if gap < 0.5 * (y - h).abs().max().item():
        raise Finding(
            "not-converged",
            f"You are on the way: off by {gap:.1g}, and 1e-5 is asked. By which factor at least "
            "does a step shrink the error, for a branch of norm 0.9? How many steps is that?",
            tried=name,
        )
    raise Finding(
        "not-the-input",
        f"Put into the block, your h does not give y: the entry is off by {gap:.3g}.",
        tried=name,
    )


EXERCISE = Exercise(
    slug="residual-connections-undo",
    title="Undo a block",
    chapter="residual_connections",
    kind="code",
    difficulty=3,
    minutes=25,
    wants="a function undo(y, branch) that returns h with h + branch(h) = y",
    hints=(
        "h = y − F(h). You know y, and a guess of h gives another guess of h.",
        "By how much do two guesses differ after a step, if F changes by at most ρ times what its "
        "argument changes?",
        "ρ = 0.9 and an error below 1e-5: how many steps?",
    ),
    examine=examine,
)

"""noise-and-augmentation-ridge: least squares under noise of a different size at each input."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial


def oracle(X: Tensor, y: Tensor, s: Tensor) -> Tensor:
    """Ordinary least squares on rows that stand for the noise: √N s_j at each input, target 0."""
    rows = torch.cat([X, len(X) ** 0.5 * torch.diag(s)])
    targets = torch.cat([y, torch.zeros_like(s)])
    return torch.linalg.lstsq(rows, targets[:, None]).solution[:, 0]


def formula(
    X: Tensor, y: Tensor, s: Tensor, *, count: bool = True, power: int = 2, shared: bool = False,
    sign: float = 1.0, used: bool = True, averaged: bool = False,
) -> Tensor:  # fmt: skip
    """The weights with an argument for each way to get them wrong."""
    noise = s**power
    if shared:
        noise = noise.mean() * torch.ones_like(s)
    if averaged:
        noise = noise / len(s)
    system = X.T @ X + used * sign * (len(X) if count else 1) * torch.diag(noise)
    return torch.linalg.pinv(system) @ (X.T @ y)


SLIPS = (
    Slip(
        "samples-forgotten",
        "You add diag(s²) once. Each of the N samples carries noise, and XᵀX is a sum over them.",
        {"count": False},
    ),
    Slip(
        "not-squared",
        "You add the standard deviations. What adds to XᵀX is a variance.",
        {"power": 1},
    ),
    Slip(
        "one-size",
        "You use the mean variance for all inputs. Each input has its own.",
        {"shared": True},
    ),
    Slip(
        "wrong-sign",
        "You subtract the variances. Noise makes the inputs larger in the mean square.",
        {"sign": -1.0},
    ),
    Slip(
        "noise-forgotten",
        "These are the weights of ordinary least squares, without any noise.",
        {"used": False},
    ),
    Slip(
        "over-the-inputs",
        "You divide the variances by the number of inputs.",
        {"averaged": True},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    cases = [
        Case(special, {"X": d.normal(n, k), "y": d.normal(n), "s": d.uniform(k, low=0.4, high=1.4)})
        for special, n, k in (
            ("5 samples, 3 inputs", 5, 3),
            ("2 samples, 4 inputs", 2, 4),
            ("6 samples, 1 input", 6, 1),
        )
    ]
    some = torch.tensor([0.0, 1.5], dtype=torch.float64)
    cases.append(Case("no noise at an input", {"X": d.normal(5, 2), "y": d.normal(5), "s": some}))
    judge(trial, cases, oracle, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="noise-and-augmentation-ridge",
    title="A noise of its own for each input",
    chapter="noise_and_augmentation",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function noisy_weights_of(X, y, s) that returns one weight an input",
    hints=(
        "Repeat the chapter's expectation with Cov n = diag(s²): what takes the place of σ²‖w‖²?",
        "Set the gradient of Σ(w·x_i − y_i)² + N Σ s_j² w_j² to zero.",
    ),
    examine=examine,
)

"""dropout-backward: a linear layer behind dropout, backward."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("dX", "dW")


def oracle(X: Tensor, W: Tensor, D: Tensor, p: float, G: Tensor) -> Parts:
    """Automatic differentiation."""
    a, b = X.clone().requires_grad_(), W.clone().requires_grad_()
    return torch.autograd.grad((D * a / (1 - p)) @ b.T, (a, b), G)


def formula(
    X: Tensor, W: Tensor, D: Tensor, p: float, G: Tensor, *, in_x: str = "right",
    in_w: str = "right", masked_x: bool = True, masked_w: bool = True, mean: bool = False,
) -> Parts:  # fmt: skip
    """Both gradients with an argument for each way to get them wrong."""
    factors = {"right": 1 / (1 - p), "none": 1.0, "p": 1 / p, "twice": (1 - p) ** -2, "keep": 1 - p}
    dX = G @ W * factors[in_x]
    dW = G.T @ ((D * X if masked_w else X) * factors[in_w])
    return (D * dX if masked_x else dX), (dW / len(X) if mean else dW)


SLIPS = (
    Slip(
        "mask-forgotten-in-dx",
        "In dX the mask is missing: a dropped value had no influence, so it gets no gradient.",
        {"masked_x": False},
    ),
    Slip(
        "mask-forgotten-in-dw",
        "In dW the mask is missing: the layer saw D⊙X/(1 − p), not X.",
        {"masked_w": False},
    ),
    Slip(
        "factor-forgotten-in-dx",
        "In dX the factor 1/(1 − p) is missing.",
        {"in_x": "none"},
    ),
    Slip(
        "factor-forgotten-in-dw",
        "In dW the factor 1/(1 − p) is missing: it multiplied what the layer saw.",
        {"in_w": "none"},
    ),
    Slip(
        "factors-forgotten",
        "The factor 1/(1 − p) is missing in both gradients.",
        {"in_x": "none", "in_w": "none"},
    ),
    Slip(
        "one-over-p",
        "You divide by p. It is the probability of dropping; what stays is divided by 1 − p.",
        {"in_x": "p", "in_w": "p"},
    ),
    Slip(
        "factor-in-place-of-its-inverse",
        "You multiply by 1 − p where the forward pass divides by it.",
        {"in_x": "keep", "in_w": "keep"},
    ),
    Slip(
        "factor-twice",
        "In dX the factor appears twice. The forward pass has it once, and so has the gradient.",
        {"in_x": "twice"},
    ),
    Slip(
        "averaged",
        "You divide dW by the number of samples. An average belongs to the cost, if it has one.",
        {"mean": True},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws

    def case(special: str, n: int, i: int, o: int, p: float) -> Case:
        D = (d.uniform(n, i) >= p).double()
        D[0, 0], D[-1, -1] = 1.0, 0.0 if n * i > 1 else 1.0
        arguments = {"X": d.normal(n, i), "W": d.normal(o, i), "D": D, "p": p, "G": d.normal(n, o)}
        return Case(special, arguments)

    cases = [
        case("4 samples, 3 inputs, 2 outputs, p = 0.3", 4, 3, 2, 0.3),
        case("3 samples, 3 inputs, 3 outputs, p = 0.6", 3, 3, 3, 0.6),
        case("a single sample", 1, 4, 2, 0.2),
        case("a single output", 5, 2, 1, 0.8),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="dropout-backward",
    title="Dropout and a linear layer, backward",
    chapter="dropout",
    kind="code",
    difficulty=1,
    minutes=15,
    wants="a function dropout_linear_vjp(X, W, D, p, G) that returns (dX, dW)",
    hints=(
        "The layer sees X̃ = D⊙X/(1 − p). What is the gradient of W if X̃ is its input?",
        "The gradient of X̃ is GW; on to X it is multiplied by the same D/(1 − p).",
    ),
    examine=examine,
)

"""dropout-weighted-bag: the best weights of predictors whose errors correlate."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the weights", "the error")


def oracle(C: Tensor) -> Parts:
    """The minimum by the equations with a Lagrange multiplier."""
    k = len(C)
    system = torch.zeros(k + 1, k + 1, dtype=C.dtype)
    system[:k, :k], system[:k, k], system[k, :k] = 2 * C, 1, 1
    right = torch.zeros(k + 1, dtype=C.dtype)
    right[k] = 1
    w = torch.linalg.solve(system, right)[:k]
    return w, w @ C @ w


def formula(
    C: Tensor, *, weights: str = "right", scaled: bool = True, error: str = "right"
) -> Parts:
    """Weights and error with an argument for each way to get them wrong."""
    ones = torch.ones(len(C), dtype=C.dtype)
    w = {
        "right": lambda: torch.linalg.solve(C, ones),
        "diagonal": lambda: 1 / C.diag(),
        "deviations": lambda: 1 / C.diag().sqrt(),
        "equal": lambda: ones,
        "product": lambda: C @ ones,
        "sums": lambda: 1 / (C @ ones),
    }[weights]()
    w = w / w.sum() if scaled else w
    value = {
        "right": lambda: w @ C @ w,
        "diagonal": lambda: (w**2 * C.diag()).sum(),
        "mean": lambda: (w * C.diag()).sum(),
        "root": lambda: (w @ C @ w).sqrt(),
        "inverse": lambda: 1 / (w @ C @ w),
    }[error]()
    return w, value


SLIPS = (
    Slip(
        "correlation-ignored",
        "You weight by 1/v_i, the answer for errors that do not correlate. Use all of C.",
        {"weights": "diagonal"},
    ),
    Slip(
        "deviations",
        "You weight by one over the root of v_i. Even without correlation it is 1/v_i.",
        {"weights": "deviations"},
    ),
    Slip(
        "equal-weights",
        "You weight all alike, as bagging does. Members with smaller errors deserve more.",
        {"weights": "equal"},
    ),
    Slip(
        "not-inverted",
        "Your weights are those of C·1: the worst member gets most. It is the inverse of C.",
        {"weights": "product"},
    ),
    Slip(
        "entries-inverted",
        "You divide one by the row sums of C. That is not the inverse matrix applied to ones.",
        {"weights": "sums"},
    ),
    Slip(
        "error-inverted",
        "Your error is 1ᵀC⁻¹1, the sum that scales the weights. The smallest squared error is one "
        "over it.",
        {"error": "inverse"},
    ),
    Slip("not-scaled", "Your weights do not sum to 1.", {"scaled": False}),
    Slip(
        "products-forgotten",
        "In the error the products of different members are missing: it is wᵀCw.",
        {"error": "diagonal"},
    ),
    Slip(
        "errors-averaged",
        "You average the members' errors. The error of the average is wᵀCw.",
        {"error": "mean"},
    ),
    Slip("root-taken", "You take a root: asked is the squared error.", {"error": "root"}),
)


def examine(trial: Trial) -> None:
    d = trial.draws

    def errors(k: int) -> Tensor:
        root = d.normal(k, k)
        return root @ root.T + torch.eye(k, dtype=torch.float64)

    cases = [
        Case("3 members", {"C": errors(3)}),
        Case("5 members", {"C": errors(5)}),
        Case("2 members", {"C": errors(2)}),
        Case("a single member", {"C": torch.tensor([[0.7]], dtype=torch.float64)}),
        Case(
            "two members of which one only adds noise to the other",
            {"C": torch.tensor([[1.0, 1.0], [1.0, 3.0]], dtype=torch.float64)},
        ),
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="dropout-weighted-bag",
    title="The best weights of a bag",
    chapter="dropout",
    kind="proof",
    difficulty=2,
    minutes=25,
    wants="a function best_weights(C) that returns (weights, squared error)",
    hints=(
        "The squared error of Σ w_i ŷ_i is wᵀCw if the weights sum to 1.",
        "Minimize it with a Lagrange multiplier for the sum: 2Cw = ν·1.",
    ),
    examine=examine,
)

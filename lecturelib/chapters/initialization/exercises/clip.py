"""initialization-clip: one norm for all gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.reading import read_parts
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Finding, Trial, describe

PARTS = ("the weights' gradient", "the bias's gradient")


def oracle(dw: Tensor, db: Tensor, max_norm: float) -> Parts:
    """PyTorch's clipping of two parameters."""
    parameters = [nn.Parameter(torch.zeros_like(g)) for g in (dw, db)]
    for parameter, gradient in zip(parameters, (dw, db), strict=True):
        parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_(parameters, max_norm)
    return tuple(parameter.grad for parameter in parameters if parameter.grad is not None)


def formula(
    dw: Tensor,
    db: Tensor,
    max_norm: float,
    *,
    norm: str = "all",
    always: bool = False,
    by: str = "norm",
    squared: bool = False,
    biased: bool = True,
) -> Parts:
    """Both gradients with an argument for each way to get them wrong."""
    if by == "nothing":
        return dw, db
    if by == "value":
        return dw.clamp(-max_norm, max_norm), db.clamp(-max_norm, max_norm)
    sizes = {
        "all": (dw.square().sum() + db.square().sum()).sqrt().repeat(2),
        "each": torch.stack([dw.norm(), db.norm()]),
        "added": (dw.norm() + db.norm()).repeat(2),
        "weights": dw.norm().repeat(2),
        "largest": torch.cat([dw.flatten(), db]).abs().max().repeat(2),
        "longer": torch.maximum(dw.norm(), db.norm()).repeat(2),
        "bias": db.norm().repeat(2),
        "sizes": (dw.abs().sum() + db.abs().sum()).repeat(2),
        "mean": torch.cat([dw.flatten(), db]).square().mean().sqrt().repeat(2),
        "spectral": (torch.linalg.matrix_norm(dw, 2) ** 2 + db.square().sum()).sqrt().repeat(2),
    }[norm]
    factors = max_norm / (sizes**2 if squared else sizes)
    factors = factors if always else factors.clamp(max=1)
    return dw * factors[0], db * factors[1] if biased else db


SLIPS = (
    Slip(
        "each-by-itself",
        "You clip each gradient by its own norm. That turns the direction of the whole: take one"
        " norm of all entries together.",
        {"norm": "each"},
    ),
    Slip(
        "always",
        "You scale short gradients up to the bound. Clipping leaves them alone.",
        {"always": True},
    ),
    Slip("not-clipped", "Your gradients are never clipped.", {"by": "nothing"}),
    Slip(
        "by-value",
        "You clip each entry. That is clipping by value, and turns the direction.",
        {"by": "value"},
    ),
    Slip(
        "norms-added",
        "You add the two norms. Squares add up: the norm of all is √(‖dw‖² + ‖db‖²).",
        {"norm": "added"},
    ),
    Slip(
        "bias-not-counted",
        "Your norm is that of the weights alone. The bias counts, too.",
        {"norm": "weights"},
    ),
    Slip(
        "largest-entry",
        "You divide by the largest entry. Asked is the Euclidean norm.",
        {"norm": "largest"},
    ),
    Slip(
        "root-lost",
        "You divide by the square of the norm: a root is missing.",
        {"squared": True},
    ),
    Slip(
        "longer-norm",
        "You take the longer of the two norms. Squares add up: that of all is √(‖dw‖² + ‖db‖²).",
        {"norm": "longer"},
    ),
    Slip(
        "weights-not-counted",
        "Your norm is that of the bias's gradient alone. The weights count, too.",
        {"norm": "bias"},
    ),
    Slip(
        "sum-of-sizes",
        "You add the sizes of all entries. Asked is the Euclidean norm, the root of the sum of "
        "squares.",
        {"norm": "sizes"},
    ),
    Slip(
        "root-mean-square",
        "You take the root of the mean square. The norm is that of the sum of squares.",
        {"norm": "mean"},
    ),
    Slip(
        "spectral-norm",
        "You take the spectral norm of the matrix. Asked is the norm of all entries together.",
        {"norm": "spectral"},
    ),
    Slip(
        "bias-not-clipped",
        "The bias's gradient is left as it was. That turns the direction of the whole.",
        {"biased": False},
    ),
)


def examine(trial: Trial) -> None:
    draws = trial.draws

    def case(special: str, bound: float, bias: float = 2.0) -> Case:
        arguments = {"dw": draws.signed(2, 3), "db": bias * draws.signed(2)}
        return Case(special, {**arguments, "max_norm": bound})

    usual = [
        case("long gradients, the bias above all", 1.2, bias=6.0),
        case("short gradients", 50.0),
        case("weights of long gradient", 0.8, bias=0.5),
    ]
    zero = torch.zeros(2, 3, dtype=torch.float64)
    tall = 1e4 * draws.signed(4, 2)
    # 3, 4 and 12 have the norm 13.
    sides = torch.tensor([[3.0, 4.0], [0.0, 0.0]], dtype=torch.float64)
    twelve = torch.tensor([12.0, 0.0], dtype=torch.float64)
    edges = [
        Case("gradients as long as allowed", {"dw": sides, "db": twelve, "max_norm": 13.0}),
        Case("weights without gradient", {"dw": zero, "db": draws.signed(2), "max_norm": 0.5}),
        Case("a bias without gradient", {"dw": draws.signed(2, 3), "db": zero[0, :2],
                                         "max_norm": 0.5}),
        Case("one weight", {"dw": draws.signed(1, 1), "db": draws.signed(1), "max_norm": 0.1}),
        Case("large and small gradients", {"dw": tall, "db": 1e-2 * draws.signed(4),
                                           "max_norm": 5.0}),
    ]  # fmt: skip
    for cases in (usual, edges):
        judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)
    _stays_finite(trial, zero)


def _stays_finite(trial: Trial, zero: Tensor) -> None:
    """A Finding when gradients of 0 are divided by their norm."""
    case = Case("gradients of 0", {"dw": zero, "db": zero[0, :2], "max_norm": 1.0})
    says = (
        "Right, but not for gradients of 0: their norm is 0, and you divide by it. They are short."
    )
    try:
        parts = read_parts(trial.call(case), PARTS)
    except Finding as finding:
        if finding.code == "exception" and "ZeroDivision" in finding.says:
            raise Finding("zero-gradients", says, tried=finding.tried) from None
        raise
    if any(part.any() for part in parts):
        raise Finding("zero-gradients", says, tried=trial.tried(case), got=describe(parts[0]))


EXERCISE = Exercise(
    slug="initialization-clip",
    title="Clipping by norm",
    chapter="initialization",
    kind="code",
    difficulty=1,
    minutes=10,
    wants="a function clip(dw, db, max_norm) that returns the clipped (dw, db)",
    hints=(
        "One number multiplies everything.",
        "The number is min(1, max_norm / norm), with the norm of all entries together.",
    ),
    examine=examine,
)

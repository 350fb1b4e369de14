"""backprop-matmul: why the transpose appears."""

from __future__ import annotations

import torch
from torch import Tensor

from lecturelib.exercises.comparing import Parts, Slip, judge
from lecturelib.exercises.registry import Exercise
from lecturelib.exercises.trial import Case, Trial

PARTS = ("the gradient of A", "the gradient of B")


def oracle(A: Tensor, B: Tensor, g: Tensor) -> Parts:
    """Automatic differentiation."""
    a, b = A.clone().requires_grad_(), B.clone().requires_grad_()
    return torch.autograd.grad(a @ b, (a, b), g)


def formula(
    A: Tensor, B: Tensor, g: Tensor, *, first: str = "right", second: str = "right",
    exchanged: bool = False, averaged: bool = False,
) -> Parts:  # fmt: skip
    """Both products with an argument for each way to get them wrong."""
    g = g / len(A) if averaged else g
    firsts = {
        "right": lambda: g @ B.T, "plain": lambda: g @ B, "order": lambda: B.T @ g,
        "gT": lambda: g.T @ B, "both": lambda: B @ g, "result": lambda: B @ g.T,
        "value": lambda: A @ B @ B.T,
    }  # fmt: skip
    seconds = {
        "right": lambda: A.T @ g, "plain": lambda: A @ g, "order": lambda: g @ A.T,
        "gT": lambda: A @ g.T, "both": lambda: g @ A, "result": lambda: g.T @ A,
        "value": lambda: A.T @ A @ B,
    }  # fmt: skip
    a, b = firsts[first](), seconds[second]()
    return (b, a) if exchanged else (a, b)


SLIPS = (
    Slip(
        "exchanged",
        "The two gradients have changed places: that of A comes first.",
        {"exchanged": True},
    ),
    Slip(
        "b-not-transposed",
        "In the gradient of A the factor B is not transposed. Try the shapes "
        "with A of shape (2, 3) and B of shape (3, 4).",
        {"first": "plain"},
    ),
    Slip(
        "a-not-transposed",
        "In the gradient of B the factor A is not transposed. Try the shapes "
        "with A of shape (2, 3) and B of shape (3, 4).",
        {"second": "plain"},
    ),
    Slip(
        "first-order",
        "In the gradient of A the factors stand in the wrong order: B stood to the "
        "right of A, and stays on that side.",
        {"first": "order"},
    ),
    Slip(
        "second-order",
        "In the gradient of B the factors stand in the wrong order: A stood to the "
        "left of B, and stays on that side.",
        {"second": "order"},
    ),
    Slip(
        "first-transposed", "Your gradient of A transposes g, where B should be.", {"first": "gT"}
    ),
    Slip(
        "second-transposed", "Your gradient of B transposes g, where A should be.", {"second": "gT"}
    ),
    Slip(
        "first-order-and-plain",
        "Your gradient of A is B g: neither the side nor the transposition is right.",
        {"first": "both"},
    ),
    Slip(
        "second-order-and-plain",
        "Your gradient of B is g A: neither the side nor the transposition is right.",
        {"second": "both"},
    ),
    Slip(
        "first-result-transposed",
        "Your gradient of A is transposed as a whole. A gradient has the shape of its value.",
        {"first": "result"},
    ),
    Slip(
        "second-result-transposed",
        "Your gradient of B is transposed as a whole. A gradient has the shape of its value.",
        {"second": "result"},
    ),
    Slip(
        "first-from-value",
        "Your gradient of A uses the value A B in the place of g. What arrives from above is g.",
        {"first": "value"},
    ),
    Slip(
        "second-from-value",
        "Your gradient of B uses the value A B in the place of g. What arrives from above is g.",
        {"second": "value"},
    ),
    Slip(
        "averaged",
        "You divide by the number of rows. An average belongs to the cost, if it has one: g holds "
        "it already.",
        {"averaged": True},
    ),
)


def examine(trial: Trial) -> None:
    d = trial.draws
    # Square ones, so that a wrong product has a value and can be recognized.
    cases = [
        Case(f"{n} × {n} matrices", {k: d.normal(n, n) for k in ("A", "B", "g")}) for n in (3, 2)
    ]
    judge(trial, cases, oracle, parts=PARTS, formula=formula, slips=SLIPS)
    others = [
        Case(special, {"A": d.normal(n, m), "B": d.normal(m, k), "g": d.normal(n, k)})
        for special, n, m, k in (
            ("matrices that are not square", 2, 3, 4),
            ("a row times a matrix", 1, 3, 2),
            ("a column times a row", 3, 1, 2),
            ("a row times a column", 1, 4, 1),
        )
    ]
    judge(trial, others, oracle, parts=PARTS, formula=formula, slips=SLIPS)


EXERCISE = Exercise(
    slug="backprop-matmul",
    title="Why the transpose appears",
    chapter="backprop",
    kind="proof",
    difficulty=2,
    minutes=20,
    wants="a function matmul_vjp(A, B, g) that returns (gradient of A, gradient of B)",
    hints=(
        "Write one entry of the result: y_ij = Σ_k a_ik b_kj. Which entries of y does a_ik act on?",
        "∂L/∂a_ik = Σ_j g_ij b_kj. Which matrix product is this sum?",
        "The shapes decide: A is (n, m), B (m, k), g (n, k).",
    ),
    examine=examine,
)

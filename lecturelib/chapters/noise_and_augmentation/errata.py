"""Errata of the chapter ``noise_and_augmentation``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/noise_and_augmentation/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-weight-noise",
        chapter="noise_and_augmentation",
        lecture="FFN",
        where="Noise in Parameters",
        says="loss E[f(x, θ) − y]; with noise E[f(x, θ + n) − y] ∼ E[(f(x, θ) − y) + η‖∇f‖²]",
        right="E[(f(x, θ + n) − y)²] ≈ E[(f − y)² + η‖∇f‖² + η (f − y) tr ∇²f], "
        "with gradients and second derivatives by θ",
        why="Without the square the gradient's term has mean 0, and E[f − y] changes by "
        "(η/2) tr ∇²f alone. With it there is a second term, which is 0 for a linear model and "
        "small where residuals are.",
        test=f"{_TESTS}::test_the_penalty_needs_the_square_and_a_second_term",
    ),
)

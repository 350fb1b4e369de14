"""Errata of the chapter ``parameter_norms``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/parameter_norms/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-noise-squared",
        chapter="parameter_norms",
        lecture="JHU",
        where="The Bias-Variance Tradeoff and Regularization",
        says="L(W) = (E[ŷ] − y)² + E[(ŷ − E[ŷ])²] + σ",
        right="E[(ŷ − y)²] = (E[ŷ] − E[y])² + E[(ŷ − E[ŷ])²] + σ²",
        why="The noise enters by its variance: squared errors have the unit of y², σ has that of "
        "y. And with the noisy y itself in the first term the noise would count twice.",
        test=f"{_TESTS}::test_the_noise_enters_by_its_variance_and_once",
    ),
    Erratum(
        id="ffn-norm-called-weight-decay",
        chapter="parameter_norms",
        lecture="FFN",
        where="Parameter Regularization",
        says="L2 norm of parameters is called “Weight Decay”",
        right="The penalty is the squared L2 norm; weight decay shrinks the weights in each step, "
        "which is the same for plain SGD only",
        why="The gradient of the norm itself has length 1 whatever the weights are, and shrinks "
        "none by a factor. With Adam, penalty and decay part (card R8).",
        test=f"{_TESTS}::test_only_the_squared_norm_shrinks_by_a_factor_and_only_for_sgd",
    ),
)

"""Errata of the chapter ``preprocessing``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/preprocessing/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="nt-taylor-half",
        chapter="preprocessing",
        lecture="NT",
        where="What happens if input samples are not 0 mean and unit variance?",
        says="L(W) = L(W*) + ΔᵀHΔ, and the derivative is ½HΔ",
        right="L(W) = L(W*) + ½ΔᵀHΔ, and the gradient is HΔ",
        why="The ½ belongs to the expansion and is gone after differentiating. The update rule on "
        "the same slide, without it, is right.",
        test=f"{_TESTS}::test_the_half_is_in_the_expansion_and_not_in_the_gradient",
    ),
    Erratum(
        id="nt-rate-cap",
        chapter="preprocessing",
        lecture="NT",
        where="Large mean and unequal variance",
        says="The learning rate is capped by 1/λmax",
        right="The cap is 2/λmax; up to 1/λmax no component overshoots",
        why="A step multiplies the error along an eigenvector by 1 − ηλ, which is below 1 in size "
        "for η < 2/λ.",
        test=f"{_TESTS}::test_the_cap_of_the_learning_rate_is_twice_as_large",
    ),
    Erratum(
        id="nt-centring-improves",
        chapter="preprocessing",
        lecture="NT",
        where="Take home message: at least have zero mean",
        says="Zero mean is better (avoid single large eigenvalue)",
        right="With a bias centring never makes the condition number worse. Without one it can: "
        "for variances 1 and 0.01 and the mean (0, 1) it goes from 1.01 to 100",
        why="Centring takes μμᵀ away, which may have been the largest eigenvalue or may have "
        "lifted the smallest. Card PP2 counts how often.",
        test=f"{_TESTS}::test_centring_without_a_bias_can_make_the_condition_number_worse",
    ),
    Erratum(
        id="nt-equal-variance",
        chapter="preprocessing",
        lecture="NT",
        where="Take home message: equal variance across dimensions",
        says="Equal variance across dimensions is better",
        right="For two centred inputs it is the best scaling. For more it usually helps, can make "
        "the condition number worse, and is within a factor D of the best scaling of D inputs",
        why="The covariance with rows (18, 6, −15), (6, 3, −5), (−15, −5, 13) has κ = 114; at "
        "equal variances 144. The factor D is a theorem of van der Sluis (1969).",
        test=f"{_TESTS}::test_equal_variances_can_make_the_condition_number_worse",
    ),
)

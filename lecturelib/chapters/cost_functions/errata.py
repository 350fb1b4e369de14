"""Errata of the chapter ``cost_functions``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/cost_functions/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-bernoulli-sign",
        chapter="cost_functions",
        lecture="FFN",
        where="Extra slides, Bernoulli model, second line",
        says="L = ∫ Σ_y [y log f(x) + (1−y) log(1−f(x))] p(y|x) p(x) dx, to be minimized",
        right="L = −∫ Σ_y [y log f(x) + (1−y) log(1−f(x))] p(y|x) p(x) dx",
        why="The cost is −log q. Without the minus the stationary point is a maximum, and the "
        "infimum, −∞, is approached at f = 0 or 1.",
        test=f"{_TESTS}::test_bernoulli_cost_needs_its_minus",
    ),
    Erratum(
        id="ffn-median-equality",
        chapter="cost_functions",
        lecture="FFN",
        where="Laplace model, last line (both versions)",
        says="median: P(y ≤ m|x) = P(y ≥ m|x)",
        right="P(y ≤ m|x) ≥ ½ and P(y ≥ m|x) ≥ ½",
        why="For a y with a density both say the same. Where y has atoms, as in every training "
        "set, there may be no m that gives equality; exercise 10 asks for such a distribution.",
        test=f"{_TESTS}::test_a_median_need_not_balance_the_two_sides",
    ),
    Erratum(
        id="ffn-stationary-parameters",
        chapter="cost_functions",
        lecture="FFN",
        where="Laplace model, first version: ∂L/∂θ = 0, so f(x; θ̂) = m",
        says="A stationary point in the parameters gives the conditional median",
        right="It makes E[sign(y − f) ∂f/∂θ] zero. f is the median for every x only if the family "
        "contains it, and the minimum was found",
        why="A straight line has two parameters, so two averages vanish, not one number for "
        "each x. The same holds for the Gaussian model and the mean.",
        test=f"{_TESTS}::test_a_stationary_line_is_not_the_conditional_median",
    ),
    Erratum(
        id="ffn-closed-form-unique",
        chapter="cost_functions",
        lecture="FFN",
        where="Linear regression, “closed-form solution”",
        says="argmin over w, b has a closed form, without a condition",
        right="θ = (XᵀX)⁻¹Xᵀy if the columns of X are linearly independent; else the minimizers "
        "form a line, a plane, …, and the pseudo-inverse picks the shortest",
        why="XᵀX cannot be inverted with fewer samples than parameters, or with a feature that "
        "others make up.",
        test=f"{_TESTS}::test_least_squares_is_not_unique_for_dependent_columns",
    ),
)

"""Errata of the chapter ``universal_approximation``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/universal_approximation/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-infinitely-many-neurons",
        chapter="universal_approximation",
        lecture="JHU",
        where="Reminder: multi-layer perceptrons are universal approximators",
        says="… but may require infinitely many neurons",
        right="For every error ε > 0 a finite number suffices, such as Λ/(2ε) step units for a "
        "function on [0, 1] with Lipschitz constant Λ. Only an error of exactly 0 may need "
        "infinitely many",
        why="An approximation leaves an error. The number grows without bound as ε falls to 0: "
        "finite for each ε, but no one number for all.",
        test=f"{_TESTS}::test_a_finite_number_of_units_reaches_every_error",
    ),
    Erratum(
        id="ffn-no-bounds",
        chapter="universal_approximation",
        lecture="FFN",
        where="Universal Approximator: “No bounds for the capacity”",
        says="There are no bounds for the number of units",
        right="The two theorems cited give none. For functions of known smoothness there are "
        "bounds in both directions: for x² on [0, 1] the smallest error of n ReLUs in one layer "
        "is exactly 1/(2(2n+1)²)",
        why="A theorem that only says that units exist for every continuous function cannot say "
        "how many: that depends on how fast the function moves.",
        test=f"{_TESTS}::test_the_error_for_the_square_is_bounded_from_both_sides",
    ),
)

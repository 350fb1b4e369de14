"""Errata of the chapter ``optimizers``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/optimizers/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-solver-takeaway",
        chapter="optimizers",
        lecture="FFN",
        where="Solver takeaway",
        says="Instead of trying a new solver, re-tuning and re-running your favourite one seems "
        "to be the best choice",
        right="Trying several solvers with their default rates and tuning one are about equally "
        "good",
        why="So says the abstract of the paper behind the slide, and so we find at equal cost. "
        "Card T5 has the numbers.",
        test=f"{_TESTS}::test_the_best_of_several_defaults_is_about_as_good_as_one_tuned_solver",
    ),
    Erratum(
        id="ffn-nesterov-position",
        chapter="optimizers",
        lecture="FFN",
        where="SGD with Nesterov Momentum (NAG)",
        says="The gradient is taken at the predicted future position θ − εv",
        right="At θ − εαv",
        why="The update is v ← αv + g, θ ← θ − εv. Momentum alone, with g = 0, moves by −εαv. The "
        "slide looks too far, by the factor 1/α.",
        test=f"{_TESTS}::test_momentum_alone_leads_to_the_place_with_alpha",
    ),
)

"""Errata of the chapter ``residual_connections``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/residual_connections/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="lbn-identity-weights",
        chapter="residual_connections",
        lecture="LBN",
        where="On complexity on learning functions: what about 'identity'?",
        says="must learn to lower all w_ii but one",
        right="In the row of each unit i all w_ij with j ≠ i go to 0, and w_ii goes to 1. With a "
        "ReLU behind it this gives max(x, 0); the other half of x takes a second unit",
        why="The w_ii are the entries that the identity needs. A matrix whose diagonal is lowered "
        "but for one entry keeps one coordinate of the input.",
        test=f"{_TESTS}::test_the_identity_needs_its_diagonal_and_two_units_a_number",
    ),
)

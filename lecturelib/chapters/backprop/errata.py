"""Errata of the chapter ``backprop``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/backprop/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-partial-derivatives",
        chapter="backprop",
        lecture="FFN",
        where="Chain Rule N-D, entries of the Jacobians",
        says="entries dz₁/dx₁ and dy/dz₁, and a product without a point of evaluation",
        right="∂z₁/∂x₁ at x, and ∂y/∂z₁ at z = f(x)",
        why="An entry moves one input and holds the others. Where a value acts along two paths, "
        "the total derivative is the sum over both, and differs from the partial one.",
        test=f"{_TESTS}::test_total_and_partial_derivative_differ_at_a_fan_out",
    ),
    Erratum(
        id="jhu-arbitrarily-complex",
        chapter="backprop",
        lecture="JHU",
        where="Training MLPs and ConvNets, “Computational graphs”",
        says="Analytic gradient computation for arbitrarily complex functions",
        right="… for compositions of nodes that are differentiable where they are evaluated",
        why="relu(x) − relu(−x) is x, with derivative 1. At 0 the rule takes 0 for each slope and "
        "gives 0.",
        test=f"{_TESTS}::test_the_chain_rule_needs_differentiable_nodes",
    ),
)

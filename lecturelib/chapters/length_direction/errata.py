"""Errata of the chapter ``length_direction``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/length_direction/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="lbn-gdnp-rates",
        chapter="length_direction",
        lecture="LBN",
        where="Learning half-spaces, table of rates",
        says="Gradient descent is sublinear, GDNP is linear.",
        right="On the sigmoidal loss. On least squares plain gradient descent is linear too, and "
        "with the best constant rate faster than GDNP at its own step. (With its step tuned, too, "
        "GDNP is the faster one.)",
        why="The table's rows for gradient descent assume smoothness alone; GDNP's row assumes "
        "Gaussian inputs and a bounded condition number as well. The rows hold for different "
        "classes of problems.",
        test=f"{_TESTS}::test_gradient_descent_is_linear_on_least_squares_and_faster",
    ),
    Erratum(
        id="lbn-wn-correlated",
        chapter="length_direction",
        lecture="LBN",
        where="Weight normalisation vs batch normalisation",
        says="Weight norm has S = I, so it can't model correlated values.",
        right="It models the same functions: g·v/‖v‖ is any vector. What it does not do is to hold "
        "the size of the unit, which then depends on the direction by way of the correlations.",
        why="Each nonzero w̃ is g·v/‖v‖ with g = ‖w̃‖ and v = w̃, whatever the inputs.",
        test=f"{_TESTS}::test_weight_norm_fits_correlated_inputs",
    ),
    Erratum(
        id="lbn-shut-by-bias",
        chapter="length_direction",
        lecture="LBN",
        where="On complexity on learning functions",
        says="To shut a unit, its outgoing weights must go to 0 or most incoming ones down.",
        right="Or its bias must fall, whose gradient depends on the layer before no more than that "
        "of batch norm's β does.",
        why="The step rule of the slide leaves the bias out: ∂L/∂b is the sum of δ over samples.",
        test=f"{_TESTS}::test_a_bias_shuts_a_unit_as_fast_as_batch_norm",
    ),
)

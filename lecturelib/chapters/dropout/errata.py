"""Errata of the chapter ``dropout``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

TESTS = "tests/chapters/dropout/test_errata.py::"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-bagging-linear",
        chapter="dropout",
        lecture="FFN",
        where="Bagging",
        says="Uncorrelated results: squared error decreases linearly",
        right="It decreases in proportion to 1/k: a tenth for ten predictors",
        why="The variance of a mean of k uncorrelated terms is v/k. A straight line in k would "
        "reach 0.",
        test=f"{TESTS}test_uncorrelated_errors_fall_as_one_over_k",
    ),
    Erratum(
        id="ffn-dropout-factor",
        chapter="dropout",
        lecture="FFN",
        where="Dropout",
        says="Remove with the probability p and multiply layer outputs by 1/p",
        right="Multiply by 1/(1 − p), one over the probability of staying",
        why="The mean of the outputs is kept by 1/(1 − p) alone. With p = 0.2 the slide's factor "
        "makes it four times too large; at p = 0.5 the two agree.",
        test=f"{TESTS}test_the_factor_is_one_over_the_chance_to_stay",
    ),
    Erratum(
        id="jhu-two-meanings-of-p",
        chapter="dropout",
        lecture="JHU",
        where="Dropout in Forward Pass; Typical Values and Results",
        says="r ~ Bernoulli(p) and scaling by p at test time; then input unit dropout 0.2",
        right="In the formulas p is the probability of staying, in the typical values it is that "
        "of being dropped",
        why="Put into the formulas, 0.2 would drop 80% of the inputs.",
        test=f"{TESTS}test_typical_values_are_probabilities_of_dropping",
    ),
    Erratum(
        id="jhu-dropped-weights",
        chapter="dropout",
        lecture="JHU",
        where="Dropout in Backward Pass",
        says="Set updates to zero for dropped out weights",
        right="The gradient is zero, and only that of the sample whose mask it is; the update is "
        "the optimizer's",
        why="Momentum, Adam and weight decay move a weight whose gradient is zero, and in a batch "
        "each sample has a mask of its own.",
        test=f"{TESTS}test_dropped_weights_move_with_momentum_and_in_a_batch",
    ),
)

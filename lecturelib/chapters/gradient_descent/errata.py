"""Errata of the chapter ``gradient_descent``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/gradient_descent/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-rate-of-the-gradient",
        chapter="gradient_descent",
        lecture="FFN",
        where="SGD: choice of the learning rate",
        says="|f(x₁) − f(x₂)| ≤ K ‖x₁ − x₂‖; learning rate 0 < ε < 2/K",
        right="‖∇f(x₁) − ∇f(x₂)‖ ≤ K ‖x₁ − x₂‖: K is the Lipschitz constant of the gradient. For "
        "sin x cos 4x it is 17, so ε < 0.118 and not 0.5",
        why="A step goes downhill as long as the slope does not change too much on the way. How "
        "steep f itself is says nothing about that: 100 x has a large constant, and every rate "
        "goes downhill.",
        test=f"{_TESTS}::test_the_rate_follows_from_the_constant_of_the_gradient",
    ),
    Erratum(
        id="ffn-supremum-of-the-slope",
        chapter="gradient_descent",
        lecture="FFN",
        where="SGD: f(x) = sin(x) cos(4x)",
        says="sup f′ = 4, K = 4",
        right="sup |f′| = 3.7611",
        why="f′ = (5 cos 5x − 3 cos 3x)/2 would be 4 only where cos 5x = 1 and cos 3x = −1 at "
        "once, and there is no such x. (And K needs the absolute value.)",
        test=f"{_TESTS}::test_the_slope_of_the_lecture_s_function_stays_below_four",
    ),
    Erratum(
        id="ffn-minibatch-sum",
        chapter="gradient_descent",
        lecture="FFN",
        where="Batch vs Minibatch Gradient Methods",
        says="The sum of the gradients over the data set is about their sum over a minibatch",
        right="It is about |D|/|B| times the sum over the minibatch; or one takes means on both "
        "sides, as on the next slide",
        why="The sum over 32 of 1,024 samples is about a thirty-second of the sum over all.",
        test=f"{_TESTS}::test_the_sum_over_a_minibatch_is_too_small",
    ),
    Erratum(
        id="ffn-full-gradient-infeasible",
        chapter="gradient_descent",
        lecture="FFN",
        where="Batch vs Minibatch Gradient Methods",
        says="Infeasible to calculate the derivative over the whole dataset",
        right="Feasible, and poor value: N/B times the work of a minibatch (it can be done "
        "piece by piece in any memory), for an error of zero that the next step does not need",
        why="A gradient is a sum over samples: chunks are added up, exactly.",
        test=f"{_TESTS}::test_the_full_gradient_can_be_added_up_in_chunks",
    ),
)

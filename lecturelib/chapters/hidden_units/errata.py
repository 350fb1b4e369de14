"""Errata of the chapter ``hidden_units``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/hidden_units/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-linear-equivalence",
        chapter="hidden_units",
        lecture="FFN",
        where="Linear Layers: multiple linear layers <=> single linear layer",
        says="Several linear layers and one are equivalent",
        right="Several are always one. One is several only if no hidden layer is narrower than the "
        "rank of its weight matrix",
        why="A product of matrices has at most the rank of the narrowest: the identity of two "
        "inputs does not pass a layer of one unit.",
        test=f"{_TESTS}::test_a_bottleneck_is_not_equivalent_to_one_layer",
    ),
    Erratum(
        id="jhu-one-sign-of-a-batch",
        chapter="hidden_units",
        lecture="JHU",
        where="What happens if all inputs are positive?",
        says="Gradient is either all pos. or all neg.",
        right="That of one sample is. The mean over a batch can have both signs",
        why="The mean adds up δ·x over samples, and the δ have different signs: "
        "(1, 3) − (2, 1) = (−1, 2).",
        test=f"{_TESTS}::test_a_batch_of_positive_inputs_may_have_both_signs",
    ),
    Erratum(
        id="ffn-leaky-solves",
        chapter="hidden_units",
        lecture="FFN",
        where="Leaky ReLU, pros",
        says="Same as ReLU but solves the “dead neuron” problem",
        right="It has a gradient everywhere. At a rate at which many ReLUs die, many leaky units "
        "end negative for every sample too, and the accuracy is that of ReLU at the same rate",
        why="A unit that is negative on every sample is linear: it adds nothing that a linear "
        "layer has not. Card F8 has the numbers.",
        test=f"{_TESTS}::test_a_leak_does_not_rescue_a_rate_that_is_too_large",
    ),
    Erratum(
        id="jhu-positive-bias",
        chapter="hidden_units",
        lecture="JHU",
        where="Rectified Linear Unit: bias term to the rescue",
        says="Initialize with small positive bias (against dead units)",
        right="It changes which units are dead at the start. Units die later, of large steps, and "
        "about as many die with a bias of 0.1 as with 0",
        why="The bias decides where a unit starts. The steps that kill it are the same.",
        test=f"{_TESTS}::test_a_positive_bias_does_not_save_units_from_large_steps",
    ),
    Erratum(
        id="jhu-leaky-max",
        chapter="hidden_units",
        lecture="JHU",
        where="Leaky ReLU(x) = max(αx, x); PReLU: backpropagation into α",
        says="PReLU is max(αx, x) with a learned α",
        right="max(x, 0) + α min(x, 0). The two agree only for α ≤ 1",
        why="For α = 2 the maximum is 2x for positive x and x for negative x: the slopes have "
        "changed sides. A learned α may exceed 1.",
        test=f"{_TESTS}::test_the_maximum_is_not_a_leaky_relu_for_large_slopes",
    ),
    Erratum(
        id="jhu-maxout-pieces-die",
        chapter="hidden_units",
        lecture="JHU",
        where="Maxout: linear regime, does not die",
        says="A maxout unit does not die",
        right="The unit has a gradient everywhere; a piece that is largest for no sample has none, "
        "and half of the unit's parameters are then dead",
        why="The gradient of a maximum goes to the largest argument alone.",
        test=f"{_TESTS}::test_a_piece_of_maxout_that_never_wins_gets_no_gradient",
    ),
)

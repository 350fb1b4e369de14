"""Errata of the chapter ``parameter_sharing``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-pattern-output",
        chapter="parameter_sharing",
        lecture="JHU",
        where="Reminder: ConvNets stack, typical architecture",
        says="[(Conv → Activation)^N → Pool]^M → (FC → Activation)^F, Softmax",
        right="The last FC layer has no activation before the softmax: (FC → Activation)^(F−1), "
        "FC, Softmax",
        why="Through a ReLU no score is below 0; and where all sums of the last layer are negative "
        "all classes get the same probability and no gradient passes.",
        test="tests/chapters/parameter_sharing/test_errata.py"
        "::test_a_softmax_behind_a_relu_can_be_stuck",
    ),
)

"""Errata of the chapter ``noise_and_generalization``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="lbn-noise-costs-accuracy",
        chapter="noise_and_generalization",
        lecture="LBN",
        where="Activation noise (second slide)",
        says="Parametric noise reduces adversarial effectivity “at the cost of accuracy”",
        right="Compared with adversarial training without noise, the paper reports a higher clean "
        "accuracy with one scale a layer or a channel; only one scale a weight costs accuracy",
        why="The slide's own table has 84.89% with noise on the weights against 83.84% without. "
        "What costs clean accuracy is the adversarial training that both have.",
        test="tests/chapters/noise_and_generalization/test_errata.py::"
        "test_published_noise_costs_no_clean_accuracy",
    ),
)

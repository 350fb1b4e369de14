"""Errata of the chapter ``signal_propagation``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-nine-dimensions",
        chapter="signal_propagation",
        lecture="JHU",
        where="“Batch Norm: New Insights”, eigenvectors and output-mean gradients",
        says="the 9-dim subspace spanned by the mean-output gradients",
        right="the ten gradients of mean logits span ten dimensions; their differences span nine",
        why="No gradient is a combination of the others, as a rank computed in a small network "
        "shows. Nine is the number of differences, which alone move the probabilities: a number "
        "added to all logits changes no loss.",
        test="tests/chapters/signal_propagation/test_errata.py::test_ten_gradients_and_nine_differences",
    ),
)

"""Errata of the chapter ``covariate_shift``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-eliminate-shift",
        chapter="covariate_shift",
        lecture="JHU",
        where="Move batches to standard location",
        says="Eliminate covariate shift by “moving” batches to zero mean and unit standard dev",
        right="It aligns the mean and the standard deviation of each unit. The shape of the "
        "distribution and the correlations may still differ from batch to batch",
        why="Two populations, one normal and one exponential, still differ after it: the "
        "exponential one has no value below −1.",
        test="tests/chapters/covariate_shift/test_errata.py::test_standardizing_leaves_the_shape",
    ),
    Erratum(
        id="lbn-covariance-shift",
        chapter="covariate_shift",
        lecture="LBN",
        where="BN vs Noisy BN",
        says="“Expected large covariance shift”",
        right="Covariate shift: the distribution of the inputs of a layer moves",
        why="A covariate is an input. Random shifts of the units' means move the distribution and "
        "leave every covariance as it was.",
        test="tests/chapters/covariate_shift/test_errata.py::test_shifted_means_leave_covariances",
    ),
    Erratum(
        id="blog-gradients-after-update",
        chapter="covariate_shift",
        lecture="BLOG",
        where="“the first proposed mathematical definition” of internal covariate shift",
        says="“the l₂ distance between the sum of all gradients” before and “after the layer "
        "weight update”",
        right="One distance for each layer: its gradient before and after the layers below it have "
        "been updated, its own weights and those above unchanged",
        why="With the update of the layer itself and of those above, and none below, the shift "
        "is 0.",
        test="tests/chapters/covariate_shift/test_errata.py::test_only_the_layers_below_count",
    ),
)

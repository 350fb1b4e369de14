"""Errata of the chapter ``batch_norm_in_networks``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="nt-any-scale",
        chapter="batch_norm_in_networks",
        lecture="NT",
        where="Effects of batch normalization, parameter scaling",
        says="BN(cWx) = BN(Wx), ∂BN(cWx)/∂(cW) = (1/c)·∂BN(Wx)/∂W, without a condition on c or ε",
        right="Both for c > 0 and ε = 0. For c < 0 the output turns its sign, and the factor is "
        "1/|c|",
        why="The standard deviation is even in c. With ε = 1e-5 and c = 0.1 outputs move in the "
        "fourth digit.",
        test="tests/chapters/batch_norm_in_networks/test_errata.py::test_scale_invariance_needs_positive_scale_and_no_eps",
    ),
    Erratum(
        id="lbn-variance-of-variance",
        chapter="batch_norm_in_networks",
        lecture="LBN",
        where="How much Noise does BN cause?",
        says="The variance of the estimator σ' is Var(S²) = μ₄/n − σ⁴(n−3)/(n(n−1))",
        right="That is the unbiased S². Batch norm divides by the biased variance, whose own "
        "variance is ((n−1)/n)² times as large",
        why="The biased variance is S²·(n−1)/n. At n = 2 the slide's formula is four times too "
        "large.",
        test="tests/chapters/batch_norm_in_networks/test_errata.py::test_biased_variance_is_less_noisy",
    ),
)

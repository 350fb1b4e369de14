"""Errata of the chapter ``batch_norm``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-identity",
        chapter="batch_norm",
        lecture="JHU",
        where="Batch Normalization, “Network can learn identity!”",
        says="γ = Var[x], β = E[x]",
        right="γ = √(Var[x] + ε), β = E[x]",
        why="Batch norm divides by the standard deviation, not by the variance, and adds ε under "
        "the root.",
        test="tests/chapters/batch_norm/test_errata.py::test_identity_needs_the_root",
    ),
    Erratum(
        id="jhu-unit-gaussian",
        chapter="batch_norm",
        lecture="JHU",
        where="Batch Normalization, step 2",
        says="Normalize to unit Gaussian",
        right="Normalize to mean 0 and variance 1",
        why="A shift and a stretch change no shape: skewness and kurtosis stay what they were, and "
        "units after a ReLU are far from Gaussian.",
        test="tests/chapters/batch_norm/test_errata.py::test_normalizing_keeps_the_shape",
    ),
    Erratum(
        id="jhu-average-std",
        chapter="batch_norm",
        lecture="JHU",
        where="Batch Normalization During Testing, last line",
        says="Compute average mean and standard deviation across multiple batches",
        right="Average the means and the variances, these with the factor m/(m−1), and take the "
        "root at the end",
        why="The slide's own algorithm averages variances. An average of standard deviations of "
        "small batches is too small: at m = 2 it is 0.56 σ for a Gaussian.",
        test="tests/chapters/batch_norm/test_errata.py::test_average_of_standard_deviations_is_too_small",
    ),
    Erratum(
        id="blog-six-variables",
        chapter="batch_norm",
        lecture="BLOG",
        where="What is Batch Normalization?",
        says="the gradients with respect to our six new variables are continuous and "
        "differentiable, thus allowing γ and β to be learned",
        right="Two parameters are new, γ and β. The chain has six gradients, those of x̂, σ², μ, x, "
        "γ and β",
        why="x̂, σ², μ and x are values of the forward pass; only γ and β are trained.",
        test="tests/chapters/batch_norm/test_errata.py::test_two_parameters_and_six_gradients",
    ),
)

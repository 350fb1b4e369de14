"""Errata of the chapter ``output_units``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/output_units/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="ffn-entropy-sign",
        chapter="output_units",
        lecture="FFN",
        where="Extra slides, derivation of softmax",
        says="Maximize entropy s₀ log s₀ + s₁ log s₁, summed over the samples",
        right="Maximize −s₀ log s₀ − s₁ log s₁, summed over the samples",
        why="Without the minus it is the negative entropy, whose maxima under these constraints "
        "lie on the border, and whose stationary point is its minimum. The result is right because "
        "the Lagrangian's derivative only finds the stationary point.",
        test=f"{_TESTS}::test_the_slide_s_entropy_is_smallest_at_the_softmax",
    ),
    Erratum(
        id="ffn-one-multiplier",
        chapter="output_units",
        lecture="FFN",
        where="Extra slides, derivation of softmax, the Lagrangian",
        says="λ(s₀ + s₁ − 1), with one λ for all samples",
        right="νᵢ(s₀ + s₁ − 1), with a multiplier νᵢ for each sample i",
        why="There is a constraint for each sample. One common multiplier would fix only the sum "
        "of all probabilities, and give another optimum, where a sample's do not add up to 1.",
        test=f"{_TESTS}::test_one_multiplier_for_all_samples_does_not_normalize",
    ),
    Erratum(
        id="ffn-softmax-multipliers",
        chapter="output_units",
        lecture="FFN",
        where="Extra slides, last line of the derivation of softmax, and of sigmoid",
        says="s = softmax(z), and 1/(1 + exp(−λ₀z₀)) = σ(z₀)",
        right="s = softmax(λ₀z₀, λ₁z₁), and σ(λ₀z₀)",
        why="The multipliers are fixed by the constraints. They are 1 if the last layer is at its "
        "maximum of the likelihood; for other outputs softmax(z) breaks the constraints.",
        test=f"{_TESTS}::test_softmax_without_multipliers_breaks_the_constraints",
    ),
    Erratum(
        id="ffn-softmat",
        chapter="output_units",
        lecture="FFN",
        where="Softmax",
        says="Σ softmat(z) = 1",
        right="Σ softmax(z) = 1",
        why="A slip of the pen. The line above it, 0 < softmax < 1, holds for real numbers; "
        "floating point rounds to 0 and 1 once logits differ by about 100 in float32.",
        test=f"{_TESTS}::test_softmax_sums_to_one_and_rounds_to_zero",
    ),
)

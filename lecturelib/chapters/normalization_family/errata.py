"""Errata of the chapter ``normalization_family``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/normalization_family/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="nt-coherence",
        chapter="normalization_family",
        lecture="NT",
        where="Normalization Propagation, key idea",
        says="Coherence is the largest |WᵢᵀWⱼ| / (‖Wᵢ‖ ‖Wᵢ‖) over i ≠ j.",
        right="Coherence is the largest |WᵢᵀWⱼ| / (‖Wᵢ‖ ‖Wⱼ‖) over i ≠ j.",
        why="It is the largest cosine between two rows: at most 1, and independent of their "
        "lengths.",
        test=f"{_TESTS}::test_coherence_needs_both_lengths",
    ),
    Erratum(
        id="nt-singular-values",
        chapter="normalization_family",
        lecture="NT",
        where="Normalization Propagation, analysis",
        says="E[JJᵀ] ≈ 1.47 I, so the singular values of J are about 1.2",
        right="The root mean square of the singular values is 1.21; with orthonormal rows half of "
        "them are 0 and half 1.71",
        why="At any one input a ReLU passes about half of the units, by the factor 1/c₁ = 1.713, "
        "and blocks the others. The mean over inputs is no single Jacobian.",
        test=f"{_TESTS}::test_no_singular_value_is_near_1_2",
    ),
    Erratum(
        id="nt-weight-norm-start",
        chapter="normalization_family",
        lecture="NT",
        where="Weight Normalization, initialization",
        says="γᵢ = 1 / √(Var(Wᵢᵀx) / ‖Wᵢ‖)",
        right="γᵢ = 1 / √Var(Wᵢᵀx / ‖Wᵢ‖) = ‖Wᵢ‖ / √Var(Wᵢᵀx)",
        why="The norm stands inside the variance. As written, the first pre-activations have "
        "variance 1/‖W‖ instead of 1.",
        test=f"{_TESTS}::test_start_of_weight_norm_has_the_norm_inside_the_variance",
    ),
    Erratum(
        id="nt-layer-norm-translation",
        chapter="normalization_family",
        lecture="NT",
        where="Layer Normalization, effects",
        says="Invariance to data rescaling and translation",
        right="Invariance to rescaling of the data, not to its translation",
        why="A shift of all inputs adds one number to each unit, and these numbers differ from "
        "unit to unit; layer norm removes only what all units share. In the paper's table the cell "
        "is “No”.",
        test=f"{_TESTS}::test_layer_norm_sees_a_translation_of_the_data",
    ),
)

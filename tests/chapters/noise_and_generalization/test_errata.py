"""What the errata of the chapter ``noise_and_generalization`` say, from the published table."""

from __future__ import annotations

from lecturelib.claims.published import PARAMETRIC_NOISE


def test_published_noise_costs_no_clean_accuracy() -> None:
    """LBN: the network without noise, trained adversarially as well, is the less accurate one."""
    clean = PARAMETRIC_NOISE.column("clean (%)")
    none = clean.pop("adversarial, no noise")
    costs = {row for row, accuracy in clean.items() if accuracy < none}
    assert costs == {"noise, one scale a weight"}
    slide = 84.89  # the row of the lecture's own table
    assert clean["noise, one scale a layer"] == slide > none

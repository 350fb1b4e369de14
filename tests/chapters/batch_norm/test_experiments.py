"""The chapter's experiments: a seed stands alone, a trained unit is what it says."""

from __future__ import annotations

import pytest

from lecturelib.chapters.batch_norm import claims as records
from lecturelib.chapters.batch_norm import experiments
from lecturelib.claims import get


def test_a_seed_gives_the_same_whoever_runs_beside_it() -> None:
    settings = get("N1").settings(epochs=1, width=16)
    together = records.normality(settings, [4, 9], "cpu")
    alone = records.normality(settings, [9], "cpu")
    assert set(together) == {measure.name for measure in get("N1").measures}
    for name, values in together.items():
        assert len(values) == 2
        assert values[1] == pytest.approx(alone[name][0], abs=0.02), name


def test_a_trained_unit_is_standard() -> None:
    unit = experiments.trained_unit("after", width=16, steps=3)
    assert unit.mean().item() == pytest.approx(0, abs=1e-5)
    assert unit.square().mean().item() == pytest.approx(1, abs=1e-2)

"""The chapter's experiments: a seed stands alone, a trained unit is what it says."""

from __future__ import annotations

import pytest
import torch

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


def test_curves_hold_a_loss_a_rate_step_and_seed() -> None:
    curves = experiments.training_curves((0.1, 0.3), [0, 5], width=16, depth=2, steps=20)
    alone = experiments.training_curves((0.3,), [5], width=16, depth=2, steps=20)
    for name, losses in curves.items():
        assert losses.shape == (2, 20, 2)
        assert losses[1, :, 1].numpy() == pytest.approx(alone[name][0, :, 0].numpy(), abs=1e-3)
        assert losses[:, -1].mean() < losses[:, 0].mean()


def test_shapes_are_those_whose_medians_the_claim_takes() -> None:
    settings = {"width": 16, "steps": 11}
    shapes = experiments.shapes_around_relu([3], **settings)
    moments = experiments.moments_around_relu([3], width=16, epochs=1)
    for order, (skewness, kurtosis) in shapes.items():
        assert skewness.shape == (1, 16)
        medians = skewness.nanmedian(-1).values, kurtosis.nanmedian(-1).values
        assert torch.allclose(medians[0], moments[f"skewness {order}"])
        assert torch.allclose(medians[1], moments[f"excess kurtosis {order}"])

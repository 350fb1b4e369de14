"""The movable figures of ``gradient_descent``: their numbers are those of the chapter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.gradient_descent import explore as figures


@pytest.mark.parametrize("c", [0.1, 1.0, 1.9])
@pytest.mark.parametrize("start", [-2.0, -1.2, 0.6])
def test_the_lemma_holds_in_every_frame(c: float, start: float) -> None:
    step = figures.one_step(c, start)
    f = math.sin(start) * math.cos(4 * start)
    slope = (5 * math.cos(5 * start) - 3 * math.cos(3 * start)) / 2
    landed = start - c / 17 * slope
    assert step.before == pytest.approx(f)
    assert step.after == pytest.approx(math.sin(landed) * math.cos(4 * landed))
    assert step.after <= step.bound < step.before
    assert isinstance(figures.step_size(c, start), Figure)
    assert f"{step.after - step.before:+.3f}".replace("-", "−") in figures.describe_step_size(
        c, start
    )


def test_nothing_is_promised_beyond_two() -> None:
    assert "nothing" in figures.describe_step_size(2.1, -1.2)


@pytest.mark.parametrize("batch_size", [1, 8, 64])
@pytest.mark.parametrize("replacement", [True, False])
def test_the_cloud_has_the_variance_that_is_told(batch_size: int, replacement: bool) -> None:
    points, single = figures._cloud(batch_size, replacement), figures._cloud(1, True)
    factor = 1.0 if replacement else (64 - batch_size) / 63
    wanted = factor / batch_size * ((single[1:] - single[0]) ** 2).sum(1).mean()
    assert ((points[1:] - points[0]) ** 2).sum(1).mean() == pytest.approx(wanted, rel=0.3)
    assert f"{factor / batch_size:.3f} of" in figures.describe_cloud(batch_size, replacement)
    assert isinstance(figures.minibatch_cloud(batch_size, replacement), Figure)


@pytest.mark.parametrize(
    ("power", "first", "second"), [(0.5, "∞", "∞"), (1.0, "∞", "finite"), (2.0, "finite", "finite")]
)
def test_sums_of_a_schedule(power: float, first: str, second: str) -> None:
    said = figures.describe_schedule(power, 1.0)
    assert f"Σ η is {first}, Σ η² is {second}" in said
    assert isinstance(figures.schedule(power, 1.0), Figure)


def test_moments_of_the_running_mean() -> None:
    bias, deviation = figures._decay(1.0, 1.0, 99)
    n = np.arange(1, 101)
    assert bias == pytest.approx(4 / n)
    assert deviation == pytest.approx(np.sqrt(n - 1) / n)

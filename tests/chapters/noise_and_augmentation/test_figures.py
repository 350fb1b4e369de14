"""Figures of ``noise_and_augmentation``: their numbers are those of the chapter."""

from __future__ import annotations

import math

import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.noise_and_augmentation import figures
from lecturelib.chapters.noise_and_augmentation.experiments import scalar_samples


@pytest.mark.parametrize("std", [figures.LEVELS[0], 0.2, figures.LEVELS[-1]])
def test_each_frame_tells_its_errors(std: float) -> None:
    fit, truth = figures.smoother_errors(std)
    x, y = scalar_samples()
    weights = torch.exp(-((x[:, None] - x) ** 2) / (2 * std**2))
    value = (weights * y).sum(1) / weights.sum(1)
    assert fit == pytest.approx((value - y).square().mean().item())
    assert f"{fit:.3f}" in figures.describe_smoother(std)
    assert f"{truth:.3f}" in figures.describe_smoother(std)
    assert isinstance(figures.smoother(std), Figure)


def test_the_distance_to_the_truth_has_its_minimum_inside() -> None:
    fits, truths = zip(*map(figures.smoother_errors, figures.LEVELS), strict=True)
    assert list(fits) == sorted(fits)
    assert 0 < truths.index(min(truths)) < len(truths) - 1


def test_a_six_is_drawn_under_each_transformation() -> None:
    fig = figures.transformations((6,))
    assert [ax.get_title() for ax in fig.axes] == list(figures.TRANSFORMATIONS)
    plain, turned = (fig.axes[i].images[0].get_array() for i in (0, 4))
    assert (abs(plain[::-1, ::-1] - turned) < 1e-5).all()


def test_the_dots_are_at_the_minimum_of_the_smoothed_loss() -> None:
    lines = figures.smoothing_loss((0.1,)).axes[0].lines
    curve, dot = lines[0], lines[1]
    assert dot.get_xdata()[0] == pytest.approx(math.log(91))
    gap = torch.zeros(10, dtype=torch.float64)
    gap[0] = math.log(91)
    loss = torch.nn.functional.cross_entropy(gap, torch.tensor(0), label_smoothing=0.1)
    assert dot.get_ydata()[0] == pytest.approx(loss.item())
    assert min(curve.get_ydata()) >= loss.item() - 1e-12


def test_other_figures_are_drawn() -> None:
    run = {"train": torch.rand(4, 3), "test": torch.rand(4, 3)}
    assert len(figures.courses({"none": run, "shifts": run}).axes) == 2
    classes = {f"class {k}": torch.rand(3) for k in range(10)}
    assert isinstance(figures.per_class({"none": classes, "flips": classes}), Figure)


def test_strength_and_valley_are_drawn_with_their_numbers() -> None:
    ax = figures.strength((0, 30, 90), torch.rand(3, 4), torch.rand(3, 4)).axes[0]
    assert [list(line.get_xdata()) for line in ax.lines] == [[0, 30, 90]] * 2
    path = torch.tensor([[4.0, 0.2], [4.0, 0.5], [3.0, 0.6]])
    ax = figures.valley({0.0: path, 0.3: path}).axes[0]
    u, v = ax.lines[0].get_data()
    assert torch.as_tensor(u * v).tolist() == pytest.approx([2.0] * len(u), rel=1e-5)

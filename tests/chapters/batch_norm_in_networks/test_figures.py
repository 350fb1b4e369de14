"""Figures of the chapter batch_norm_in_networks: they draw what the equations say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.batch_norm_in_networks import figures

RNG = np.random.default_rng(0)
X = RNG.normal(3, 2, 16)
LOSSES = {name: RNG.uniform(0.5, 1, (3, 4)) for name in ("none", "before", "after")}
LOSSES["none"][-1, 0] = np.nan
SEEDS = {size: torch.rand(5) for size in (2, 4)}
CALLS = {
    "learning_rates": lambda: figures.learning_rates((0.1, 0.3, 1), LOSSES),
    "variance_shift": lambda: figures.variance_shift({"a": np.ones((3, 4)), "b": np.eye(3) + 1}),
    "scale_invariance": lambda: figures.scale_invariance(
        torch.tensor(RNG.normal(size=(20, 2))), torch.ones(20), [(1, 1), (-1, 0.5)]
    ),
    "approximate_whitening": lambda: figures.approximate_whitening(samples=200),
    "residual_correlation": lambda: figures.residual_correlation((0, 45), [[0, 0], [0.8, 0.8]]),
    "fixed_sample": lambda: figures.fixed_sample(X, 3.0, draws=20),
    "batch_sizes": lambda: figures.batch_sizes({"batch norm": SEEDS, "layer norm": SEEDS}),
}


@pytest.mark.parametrize("name", CALLS)
def test_figure_is_returned_transparent_and_labelled(name: str) -> None:
    fig = CALLS[name]()
    assert isinstance(fig, Figure)
    assert fig.get_facecolor()[-1] == 0
    assert not plt.get_fignums(), "pyplot would show the figure a second time"
    text = " ".join(t.get_text() for t in fig.findobj(plt.Text))
    assert len(text.split()) >= 3, "axes have words"
    fig.draw_without_rendering()


def test_all_figures_are_covered() -> None:
    drawn = {
        name
        for name, thing in vars(figures).items()
        if getattr(thing, "__wrapped__", None) and thing.__module__ == figures.__name__
    }
    assert drawn == set(CALLS)


def test_failed_runs_are_marked() -> None:
    fig = CALLS["learning_rates"]()
    assert "fails" in [t.get_text() for t in fig.axes[0].texts]


def test_loss_is_constant_along_rays_and_paths_never_come_closer() -> None:
    fig = CALLS["scale_invariance"]()
    image = fig.axes[0].images[0].get_array()
    n = len(image)
    # (i, i) and (i/2, i/2) seen from the centre lie on one ray.
    far, near = image[n - 1, n - 1], image[n // 2 + n // 4, n // 2 + n // 4]
    assert far == pytest.approx(near, abs=1e-6)
    for path in [line for line in fig.axes[0].lines if len(line.get_xdata()) > 1]:
        norms = np.hypot(path.get_xdata(), path.get_ydata())
        assert (np.diff(norms) >= -1e-12).all()


def test_whitening_succeeds_at_0_and_not_at_all_at_45_degrees() -> None:
    fig = figures.approximate_whitening(angles=(0, 45), samples=20_000)
    clouds = {i: fig.axes[2 + i].lines[0].get_xydata() for i in (0, 1)}
    ratio = {i: np.linalg.cond(np.cov(cloud.T)) for i, cloud in clouds.items()}
    assert ratio[0] == pytest.approx(1, abs=0.05)
    assert ratio[1] == pytest.approx(9, abs=0.5)


def test_correlation_curve_is_the_correlation_of_rotated_covariances() -> None:
    fig = CALLS["residual_correlation"]()
    angles, curve = fig.axes[0].lines[0].get_xydata().T
    for angle in (0.0, 10.0, 45.0, 80.0):
        t = np.radians(angle)
        rotation = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        covariance = rotation @ np.diag([9.0, 1.0]) @ rotation.T
        wanted = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert np.interp(angle, angles, curve) == pytest.approx(wanted, abs=1e-9)


def test_in_batches_of_two_only_the_rank_is_left() -> None:
    fig = figures.fixed_sample(X, 3.0, sizes=(2,), draws=50)
    values = fig.axes[0].lines[0].get_xdata()
    assert np.abs(values) == pytest.approx(np.ones(50), abs=1e-2)

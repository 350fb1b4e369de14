"""The movable figures of the chapter: the curves are the theory, the bars are the library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from lecturelib.chapters.batch_norm_in_networks import explore as figures


@pytest.mark.parametrize("batch_size", [3, 4, 8, 32, 256])
@pytest.mark.parametrize("value", [0.0, 1.0, 2.0])
def test_exact_density_is_that_of_the_samples(batch_size, value):
    bound = min(math.sqrt(batch_size - 1), 8.0)
    # Midpoints, finer towards the ends, where the density of 3 values has poles.
    angles = (np.arange(4_000) + 0.5) / 4_000 * math.pi
    y, weights = -bound * np.cos(angles), bound * np.sin(angles) * math.pi / 4_000
    mass = figures.normalized_density(y, batch_size, value) * weights
    samples = figures.normalized_samples(batch_size, value)
    assert mass.sum() == pytest.approx(1, abs=1e-3)
    # Kolmogorov and Smirnov's distance; 1.95/√n is exceeded once in a thousand times.
    edges = np.quantile(samples, np.linspace(0.01, 0.99, 50))
    theory = np.array([mass[y <= edge].sum() for edge in edges])
    empirical = np.array([(samples <= edge).mean() for edge in edges])
    assert np.abs(theory - empirical).max() < 1.95 / math.sqrt(len(samples))


def test_density_is_zero_beyond_the_largest_possible_value():
    assert figures.normalized_density([-2.0, 1.8, 5.0], 4, 1.0).tolist() == [0, 0, 0]
    assert np.abs(figures.normalized_samples(4, 9.0)).max() < math.sqrt(3)


@pytest.mark.parametrize("value", [0.0, 1.0, 2.0])
def test_rule_of_thumb_holds_for_large_batches(value):
    spread = figures.normalized_samples(256, value).std()
    assert spread == pytest.approx(figures.rule_of_thumb(256, value), rel=0.05)


@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("beta", [-2.0, 0.0, 1.0])
def test_placed_density_is_that_of_the_outputs(placement, gamma, beta):
    out = figures.placed_outputs(placement, gamma, beta)
    y = np.linspace(-12, 14, 200_001)
    density, atom, share = figures.placed_density(y, placement, gamma, beta)
    at_atom = np.abs(out - atom) < 0.001 * gamma
    assert at_atom.mean() == pytest.approx(share, abs=0.002)
    step = y[1] - y[0]
    assert density.sum() * step + share == pytest.approx(1, abs=1e-3)
    assert (y * density).sum() * step + atom * share == pytest.approx(out.mean(), abs=2e-3)
    assert (y**2 * density).sum() * step + atom**2 * share == pytest.approx(
        (out**2).mean(), abs=1e-2
    )


def test_only_after_the_relu_are_mean_and_deviation_those_asked_for():
    out = figures.placed_outputs("after", 2.0, 1.0)
    assert (out.mean(), out.std()) == (pytest.approx(1), pytest.approx(2))
    assert figures.placed_outputs("before", 2.0, 1.0).min() == 0


def test_figures_and_sentences():
    noise = figures.noise_of_normalized_value(4, 1.0)
    assert isinstance(noise, Figure)
    labels = [t.get_text() for t in noise.axes[0].get_legend().get_texts()]
    assert "largest possible value" in labels
    wide = figures.noise_of_normalized_value(64, 1.0)
    assert len(wide.axes[0].get_legend().get_texts()) == len(labels) - 1
    assert "±" in figures.describe_noise(8, 1.0)
    assert isinstance(figures.placement_of_batch_norm(1.0, 0.0), Figure)
    sentence = figures.describe_placement(1.0, 0.0)
    assert sentence.startswith("Before: 50% of the outputs are 0, mean 0.40")
    assert "After: mean 0.00, standard deviation 1.00" in sentence

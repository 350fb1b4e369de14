"""The movable figure of the chapter noise_and_generalization, against the definitions."""

from __future__ import annotations

import pytest
import torch
from matplotlib.figure import Figure

from lecturelib.chapters.noise_and_generalization import explore as figures


def test_the_best_classifier_has_the_larger_density_of_noisy_points() -> None:
    """Simulated: the answer at a place is that of most noisy training points near it."""
    train, s = figures.ring(), 0.4
    g = torch.Generator().manual_seed(0)
    chosen = torch.randint(len(train.x), (400_000,), generator=g)
    noisy = train.x[chosen] + s * torch.randn(400_000, 2, generator=g)
    labels = train.y[chosen]
    for place in torch.tensor([[0.0, 0.0], [1.15, 0.0], [0.0, 1.8], [-0.6, 0.3]]):
        near = (noisy - place).norm(dim=1) < 0.07
        mean = labels[near].mean().item()
        assert near.sum() > 200
        if abs(mean) > 0.2:  # clear enough for so many samples
            assert figures.with_noise(train, place[None], s).sign().item() == (
                1 if mean > 0 else -1
            )


def test_without_noise_the_nearest_point_decides() -> None:
    train = figures.ring(seed=3)
    at = torch.randn(50, 2, generator=torch.Generator().manual_seed(1))
    nearest = torch.cdist(at, train.x).argmin(1)
    assert torch.equal(figures.with_noise(train, at, 0.003).sign(), train.y[nearest])


def test_the_regions_have_the_pieces_that_the_eye_sees() -> None:
    assert figures.pieces(0.2) == (2, 1)  # disc and outer ring, and the ring between them
    assert figures.pieces(0.03)[1] > 1  # islands around the stragglers
    assert figures.pieces(0.5)[0] == 1  # disc and outer ring joined


def test_the_stragglers_are_orange_and_in_the_disc() -> None:
    train = figures.ring()
    assert (train.y[-figures.STRAGGLERS :] == -1).all()
    assert (train.x[-figures.STRAGGLERS :].norm(dim=1) < 0.5).all()
    assert len(figures.ring(stragglers=0).x) == len(train.x) - figures.STRAGGLERS


def test_the_figure_and_its_sentence_agree() -> None:
    assert isinstance(figures.noisy_ring(), Figure)
    train, test = figures.accuracy(0.3)
    said = figures.describe_ring(0.3)
    assert f"{train:.3f}" in said
    assert f"{test:.3f}" in said
    assert "2 blue" in said


def test_the_table_has_a_value_a_seed() -> None:
    found = figures.table((0.1, 0.9), range(2))
    assert found[0.1]["test"].tolist() == pytest.approx(
        [figures.accuracy(0.1, seed=s)[1] for s in range(2)]
    )
    assert found[0.9]["orange"].shape == (2,)

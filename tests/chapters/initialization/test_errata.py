"""What the errata of the chapter ``initialization`` say, shown from the definitions."""

from __future__ import annotations

import pytest
import torch

from lecturelib.chapters.initialization import experiments

F64 = torch.float64


def _deep(scale: float, *, layers: int = 10, width: int = 100, seed: int = 500) -> float:
    """Standard deviation after ten linear layers of ``randn * scale``, inputs of 1."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(200, width, generator=g, dtype=F64)
    for _ in range(layers):
        x = x @ (torch.randn(width, width, generator=g, dtype=F64) * scale)
    return x.std().item()


def test_the_slide_s_xavier_explodes() -> None:
    """JHU: the slide's factor √100 against 1/√100; He's line on the next slide is right."""
    assert _deep(100**0.5) == pytest.approx(1e20, rel=0.5)
    assert _deep(100**-0.5) == pytest.approx(1.0, rel=0.5)
    he = experiments.signals(range(500, 505), "he", depth=10)["forward"]
    by_hand = (2 / 128) ** 0.5  # what the slide multiplies by
    drawn = experiments.weights("he", [128, 128], range(500, 505))[0]
    assert drawn.std().item() == pytest.approx(by_hand, rel=0.02)
    assert ((he[-1] > 0.5) & (he[-1] < 3)).all()  # √2 at the first layer, and it stays


def test_absolute_values_of_eigenvalues_count() -> None:
    """FFN: λ = −2, and a Jordan block, which is no VΛV⁻¹."""
    w = torch.tensor([[-2.0, 0.0], [0.0, 0.5]], dtype=F64)
    assert torch.linalg.eigvals(w).real.max() < 1
    assert torch.linalg.matrix_power(w, 40)[0, 0] == 2.0**40
    jordan = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=F64)
    assert (torch.linalg.eigvals(jordan).real == 1).all()
    assert torch.equal(
        torch.linalg.matrix_power(jordan, 1000),
        torch.tensor([[1.0, 1000.0], [0.0, 1.0]], dtype=F64),
    )


def test_eigenvalues_of_factors_say_nothing_about_a_product() -> None:
    """FFN: two nilpotent matrices whose product has the eigenvalue 4."""
    up = torch.tensor([[0.0, 2.0], [0.0, 0.0]], dtype=F64)
    down = up.T
    assert not torch.linalg.matrix_power(up, 2).any()
    assert not torch.linalg.matrix_power(down, 2).any()
    assert torch.linalg.eigvals(up @ down).real.max() == 4


@pytest.mark.parametrize("scheme", ["small", "xavier", "he", "large"])
def test_batch_norm_explodes_gradients_for_every_scale_of_weights(scheme: str) -> None:
    """JHU, FFN: the factor of the rms gradient a layer is √(π/(π − 1)), not 1."""
    sizes = experiments.signals(range(500, 504), scheme, depth=30, norm=True)["backward"]
    factor = experiments.factor_of(sizes[1:])
    wanted = experiments.FACTORS["he + batch norm"]
    assert factor.median().item() == pytest.approx(wanted, rel=0.02)
    assert (factor > 1.15).all()

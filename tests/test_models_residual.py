"""residual_mlp: its block against a formula, its starts, and what it refuses."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import linear, relu

from lecturelib.models import ResidualUnit, residual_mlp


def _same_start(**options):
    return residual_mlp(5, 6, 4, 3, generator=torch.Generator().manual_seed(1), **options)


@pytest.mark.parametrize("skip", [True, False])
def test_a_unit_is_its_formula(skip):
    unit = ResidualUnit(6, skip=skip, scale=0.3, generator=torch.Generator().manual_seed(0))
    for p in unit.parameters():
        p.data += 0.1
    x = torch.randn(7, 6, generator=torch.Generator().manual_seed(1))
    W, b, V, c = unit.parameters()
    f = linear(relu(linear(relu(x), W, b)), V, c)
    torch.testing.assert_close(unit(x), x + 0.3 * f if skip else f)


def test_skips_have_no_parameters_and_change_no_draw():
    pairs = zip(_same_start().parameters(), _same_start(skip=False).parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_starts_differ_as_they_say():
    he, scaled, zero = (_same_start(start=start) for start in ("he", "scaled", "zero"))
    assert (he.block1.scale, scaled.block1.scale, zero.block1.scale) == (1.0, 0.5, 1.0)
    assert torch.equal(he.block2.linear1.weight, scaled.block2.linear1.weight)
    torch.testing.assert_close(zero.block2.linear1.weight, he.block2.linear1.weight / 2)
    assert not zero.block2.linear2.weight.any()


def test_layers_are_counted_and_the_activation_is_taken():
    model = residual_mlp(5, 6, 4, 3, activation="tanh")
    assert sum(isinstance(m, torch.nn.Linear) for m in model.modules()) == 10
    assert model(torch.zeros(2, 5)).shape == (2, 3)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="start must be one of"):
        residual_mlp(5, 6, 4, 3, start="fixup")
    with pytest.raises(ValueError, match="at least 1"):
        residual_mlp(5, 6, 0, 3)
    with pytest.raises(ValueError, match="scale must be finite"):
        ResidualUnit(3, scale=float("inf"))

"""What the errata of the chapter ``normalization_family`` say, shown from the definitions."""

from __future__ import annotations

import math

import torch

from lecturelib.normalization import NormPropLinear, layer_norm

GENERATOR = 3


def normal(*shape: int, seed: int = GENERATOR) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def test_coherence_needs_both_lengths() -> None:
    """NT: a cosine does not depend on the lengths and is at most 1; the slide's does and is not."""
    w = normal(4, 6)
    longer = torch.cat([10 * w[:1], w[1:]])

    def slide(w: torch.Tensor) -> torch.Tensor:
        return off_diagonal((w @ w.T).abs() / w.norm(dim=1, keepdim=True) ** 2)

    def right(w: torch.Tensor) -> torch.Tensor:
        lengths = w.norm(dim=1)
        return off_diagonal((w @ w.T).abs() / (lengths[:, None] * lengths))

    torch.testing.assert_close(right(w), right(longer))
    assert right(longer) <= 1
    assert slide(longer) > 1
    assert slide(longer) > 2 * slide(w)


def off_diagonal(matrix: torch.Tensor) -> torch.Tensor:
    """The largest entry off the diagonal."""
    return (matrix - torch.diag(matrix.diag())).max()


def test_no_singular_value_is_near_1_2() -> None:
    """NT: at each input about half are 0 and the others 1/c₁; only their mean square is 1.47."""
    width, inputs = 128, 20
    layer = NormPropLinear(width, width, dtype=torch.float64)
    torch.nn.init.orthogonal_(layer.weight, generator=torch.Generator().manual_seed(0))
    jacobians = torch.func.vmap(torch.func.jacrev(layer))(normal(inputs, width)).detach()
    values = torch.linalg.svdvals(jacobians)
    c1 = math.sqrt((1 - 1 / math.pi) / 2)
    passed = values > 1
    torch.testing.assert_close(values[passed], torch.full_like(values[passed], 1 / c1))
    assert values[~passed].max() < 1e-12
    # n = 20 · 128 units on or off: five standard errors of their share
    assert abs(passed.double().mean() - 0.5) < 5 * 0.5 / math.sqrt(inputs * width)
    mean_square = values.square().mean()
    assert abs(mean_square / (math.pi / (math.pi - 1)) - 1) < 5 / math.sqrt(inputs * width)
    assert not ((values > 1.1) & (values < 1.3)).any()


def test_start_of_weight_norm_has_the_norm_inside_the_variance() -> None:
    """NT: with the slide's γ the pre-activations have variance 1/‖W‖, with the paper's 1."""
    w, x = 3 * normal(4, 6), normal(500, 6, seed=1)
    lengths = w.norm(dim=1)
    a = x @ w.T
    slide = 1 / (a.var(0) / lengths).sqrt()
    right = 1 / (a / lengths).var(0).sqrt()
    torch.testing.assert_close((slide * a / lengths).var(0), 1 / lengths)
    torch.testing.assert_close((right * a / lengths).var(0), torch.ones(4, dtype=torch.float64))
    assert (lengths - 1).abs().min() > 0.5


def test_layer_norm_sees_a_translation_of_the_data() -> None:
    """NT: rescaling changes nothing, a shift of all samples by one vector does."""
    w, x, shift = normal(5, 6), normal(16, 6, seed=1), normal(6, seed=2)
    outputs = [layer_norm(data @ w.T, [5], eps=0.0) for data in (x, 7 * x, x + shift)]
    torch.testing.assert_close(outputs[1], outputs[0])
    assert (outputs[2] - outputs[0]).abs().max() > 0.1

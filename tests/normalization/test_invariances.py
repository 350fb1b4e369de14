"""Which changes of weights and data each normalization does not see: the table as properties.

The rows of batch, weight and layer norm are those of Ba, Kiros and Hinton (2016), table 1; the
others follow from the definitions. A cell with "=" must hold for every draw, one with "." must be
violated by every draw.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lecturelib.normalization import (
    batch_norm,
    group_norm,
    layer_norm,
    lp_norm,
    mean_only_batch_norm,
    rms_norm,
    weight_norm,
)

N, D, H = 7, 5, 6

NORMS = {
    "batch": lambda w, x: batch_norm(x @ w.T, None, None, training=True, eps=0.0),
    "weight": lambda w, x: x @ weight_norm(w, torch.ones(H, 1).double()).T,
    "layer": lambda w, x: layer_norm(x @ w.T, [H], eps=0.0),
    "group": lambda w, x: group_norm(x @ w.T, 2, eps=0.0),
    "rms": lambda w, x: rms_norm(x @ w.T, [H], eps=0.0),
    "l1": lambda w, x: lp_norm(x @ w.T, 1.0, eps=0.0),
    "mean only": lambda w, x: mean_only_batch_norm(x @ w.T),
}


def one_case(w, x, c, shift):
    """Rescale the first sample alone."""
    return w, torch.cat([c * x[:1], x[1:]])


def one_vector(w, x, c, shift):
    """Rescale the weights of the first unit alone."""
    return torch.cat([c * w[:1], w[1:]]), x


CHANGES = {
    "matrix rescaled": lambda w, x, c, shift: (c * w, x),
    "matrix recentred": lambda w, x, c, shift: (w + shift, x),  # every row by the same vector
    "vector rescaled": one_vector,
    "data rescaled": lambda w, x, c, shift: (w, c * x),
    "data recentred": lambda w, x, c, shift: (w, x + shift),
    "case rescaled": one_case,
}

TABLE = {
    #             W·c  W+γ  w·c  X·c  X+γ  x·c
    "batch":     "  =   .    =    =    =    .  ",
    "weight":    "  =   .    =    .    .    .  ",
    "layer":     "  =   =    .    =    .    =  ",
    "group":     "  =   =    .    =    .    =  ",
    "rms":       "  =   .    .    =    .    =  ",
    "l1":        "  =   .    =    =    .    .  ",
    "mean only": "  .   .    .    .    =    .  ",
}  # fmt: skip

CELLS = [
    (norm, change, mark)
    for norm, row in TABLE.items()
    for change, mark in zip(CHANGES, row.split(), strict=True)
]


def draw(seed):
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(H, D, generator=generator, dtype=torch.float64)
    x = torch.randn(N, D, generator=generator, dtype=torch.float64)
    return w, x, 2 + torch.rand(D, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("norm", "change", "mark"), CELLS)
@given(c=st.sampled_from([0.01, 0.2, 3.0, 40.0]), seed=st.integers(0, 10**6))
def test_table_of_invariances(norm, change, mark, c, seed):
    w, x, shift = draw(seed)
    before, after = (NORMS[norm](*pair) for pair in ((w, x), CHANGES[change](w, x, c, shift)))
    difference = ((after - before).abs().max() / before.abs().max()).item()
    if mark == "=":
        assert difference < 1e-9
    else:
        assert difference > 1e-3


@given(c=st.sampled_from([0.2, 3.0]), seed=st.integers(0, 10**6))
def test_a_bias_before_layer_norm_breaks_its_invariance_to_the_data_s_scale(c, seed):
    w, x, _ = draw(seed)
    bias = torch.linspace(-1, 1, H, dtype=torch.float64)
    before, after = (layer_norm(data @ w.T + bias, [H], eps=0.0) for data in (x, c * x))
    assert (after - before).abs().max() > 1e-3


@given(seed=st.integers(0, 10**6))
def test_a_negative_factor_turns_the_sign(seed):
    w, x, _ = draw(seed)
    for norm in ("batch", "weight", "layer", "group", "rms", "l1"):
        torch.testing.assert_close(NORMS[norm](-2 * w, x), -NORMS[norm](w, x))


@given(c=st.sampled_from([0.01, 3.0, 40.0]), seed=st.integers(0, 10**6))
def test_gradients_are_inverse_to_the_scale_where_the_output_is_invariant(c, seed):
    w, x, _ = draw(seed)
    cotangent = torch.randn(N, H, generator=torch.Generator().manual_seed(seed + 1)).double()
    for norm in ("batch", "weight", "layer", "group", "rms", "l1"):
        grads = []
        for scaled in (w.clone(), c * w):
            scaled.requires_grad_()
            (g,) = torch.autograd.grad(NORMS[norm](scaled, x), scaled, cotangent)
            grads.append(g)
            # orthogonal to the weights as a whole, as the output does not change along them
            cosine = (g * scaled).sum() / (g.norm() * scaled.norm())
            assert abs(cosine) < 1e-9
        torch.testing.assert_close(c * grads[1], grads[0], rtol=1e-7, atol=1e-7)

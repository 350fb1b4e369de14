"""Internal covariate shift. Oracles: a product of numbers in closed form, copies put together."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F

from lecturelib.instruments import internal_covariate_shift, snapshot

from .networks import cross_entropy, data, network, unchanged


def layers_of(model):
    """Weight first, then what belongs to it, from the input up."""
    names = [["linear1", "norm1"], ["linear2", "norm2"], ["output"]]
    modules = dict(model.named_children())
    return [[p for n in group if n in modules for p in modules[n].parameters()] for group in names]


def updated(model, rng):
    """Other values, as after an update."""
    return [
        [p.detach() + 0.3 * torch.randn(p.shape, generator=rng, dtype=p.dtype) for p in layer]
        for layer in layers_of(model)
    ]


def test_a_product_of_three_numbers_in_closed_form():
    # L = (uvw)² / 2: the gradient for v is u²v w², so it grows by (u'/u)².
    u, v, w = (torch.tensor([t], dtype=torch.float64, requires_grad=True) for t in (1.0, 2.0, 3.0))
    new = [[torch.tensor([t]).double()] for t in (2.0, -1.0, 5.0)]
    shift = internal_covariate_shift(
        lambda: (u * v * w).square().sum() / 2, [[u], [v], [w]], after=new
    )
    g = [1 * 4 * 9, 1 * 2 * 9, 1 * 4 * 3]
    changed = [g[0], 4 * g[1], 4 * 1 * 3]
    assert shift.norm.tolist() == [abs(a - b) for a, b in zip(g, changed, strict=True)]
    assert shift.relative.tolist() == pytest.approx([0, 3, 0])
    assert shift.cosine.tolist() == pytest.approx([1, 1, 1])
    assert [t.item() for t in (u, v, w)] == [1, 2, 3]


@pytest.mark.parametrize("norm", [None, "batch"])
@pytest.mark.parametrize("of", ["weight", "all"])
def test_layers_below_are_new_and_the_others_old(rng, norm, of):
    x, y = data(rng)
    model = network(rng, norm)
    layers, after = layers_of(model), updated(model, rng)
    with unchanged(model):
        shift = internal_covariate_shift(cross_entropy(model, x, y), layers, after=after, of=of)
    for i in range(3):
        g = []
        for below_is_new in (False, True):
            hybrid = copy.deepcopy(model)
            for j, layer in enumerate(layers_of(hybrid)):
                if below_is_new and j < i:
                    for p, value in zip(layer, after[j], strict=True):
                        p.data = value.clone()
            wanted = layers_of(hybrid)[i][: None if of == "all" else 1]
            grads = torch.autograd.grad(F.cross_entropy(hybrid(x), y), wanted)
            g.append(torch.cat([t.flatten() for t in grads]))
        torch.testing.assert_close(shift.norm[i], (g[0] - g[1]).norm())
        torch.testing.assert_close(shift.relative[i], (g[0] - g[1]).norm() / g[0].norm())
        torch.testing.assert_close(shift.cosine[i], F.cosine_similarity(g[0], g[1], dim=0))
    assert shift.norm[0] == 0


def test_it_can_be_asked_after_the_update(rng):
    x, y = data(rng)
    model = network(rng, "batch")
    layers = layers_of(model)
    loss = cross_entropy(model, x, y)
    before = snapshot(layers)
    after = updated(model, rng)
    asked_before = internal_covariate_shift(loss, layers, after=after)
    for layer, values in zip(layers, after, strict=True):
        for p, value in zip(layer, values, strict=True):
            p.data.copy_(value)
    with unchanged(model):
        asked_after = internal_covariate_shift(loss, layers, before=before, after=snapshot(layers))
    for a, b in zip(asked_before, asked_after, strict=True):
        assert torch.equal(a, b)


def test_networks_side_by_side_are_as_alone(rng):
    x, _ = data(rng)
    sizes = [(3, 4, 4), (3, 2, 4)]
    ws = [torch.randn(s, generator=rng, dtype=torch.float64, requires_grad=True) for s in sizes]
    new = [[torch.randn(s, generator=rng, dtype=torch.float64)] for s in sizes]

    def losses(u, v):
        return (v @ torch.tanh(u @ x.T)).square().mean((-2, -1))

    together = internal_covariate_shift(lambda: losses(*ws), [[w] for w in ws], after=new)
    for s in range(3):
        alone = [w.detach()[s].clone().requires_grad_() for w in ws]
        single = internal_covariate_shift(
            lambda ws=alone: losses(*ws), [[w] for w in alone], after=[[n[0][s]] for n in new]
        )
        for a, b in zip(together, single, strict=True):
            torch.testing.assert_close(a[:, s], b)


def test_a_gradient_of_zero_has_no_angle():
    u, v = (torch.ones(1, requires_grad=True) for _ in range(2))
    shift = internal_covariate_shift(
        lambda: (u * v - 1).square().sum(),
        [[u], [v]],
        after=[[torch.tensor([2.0])], [torch.ones(1)]],
    )
    assert shift.cosine.isnan().all()
    assert shift.norm.tolist() == [0, 4]


def test_errors_name_what_is_wanted(rng):
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(
        ValueError, match=r"after must have the shapes \[\[\(2,\)\]\], got \[\[\(3,"
    ):
        internal_covariate_shift(lambda: w.sum(), [[w]], after=[[torch.ones(3)]])
    with pytest.raises(ValueError, match=r"of must be one of .* got 'bias'"):
        internal_covariate_shift(lambda: w.sum(), [[w]], after=[[w]], of="bias")
    with pytest.raises(ValueError, match="at least one layer"):
        internal_covariate_shift(lambda: w.sum(), [], after=[])

"""weight_norm and WeightNorm against PyTorch's parametrization and the paper's formulas."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from lecturelib.normalization import WeightNorm, weight_norm, weight_norm_gradients

CASES = [((5, 3), 0), ((5, 3), 1), ((4, 3, 2, 2), 0), ((4, 3, 2), 2), ((5, 3), None), ((6,), 0)]


def length_shape(shape, dim):
    return () if dim is None else [n if d == dim else 1 for d, n in enumerate(shape)]


@pytest.mark.parametrize(("shape", "dim"), CASES)
def test_equals_torch_and_gradients_equal_autograd_and_the_formulas(shape, dim, rng):
    v, cotangent = torch.randn(2, *shape, generator=rng, dtype=torch.float64)
    g = torch.randn(length_shape(shape, dim), generator=rng, dtype=torch.float64)
    leaves = [t.clone().requires_grad_() for t in (v, g)]
    w = weight_norm(*leaves, dim)
    theirs = torch._weight_norm(*leaves, -1 if dim is None else dim)
    torch.testing.assert_close(w, theirs)
    by_autograd = torch.autograd.grad(theirs, leaves, cotangent)
    for ours in (
        torch.autograd.grad(w, leaves, cotangent),
        weight_norm_gradients(cotangent, v, g, dim),
    ):
        for a, b in zip(ours, by_autograd, strict=True):
            torch.testing.assert_close(a, b)


def test_numerical_gradients_to_second_order(rng):
    leaves = tuple(
        torch.randn(*s, generator=rng, dtype=torch.float64).requires_grad_()
        for s in ((3, 4), (3, 1))
    )
    assert torch.autograd.gradcheck(weight_norm, leaves)
    assert torch.autograd.gradgradcheck(weight_norm, leaves)


@given(st.floats(1e-3, 1e3), st.integers(0, 10**6))
def test_the_length_of_v_does_not_matter_and_divides_its_gradient(c, seed):
    generator = torch.Generator().manual_seed(seed)
    v, grad = torch.randn(2, 3, 4, generator=generator, dtype=torch.float64)
    g = torch.randn(3, 1, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(weight_norm(c * v, g), weight_norm(v, g))
    (a, a_g), (b, b_g) = (weight_norm_gradients(grad, k * v, g) for k in (c, 1.0))
    torch.testing.assert_close(c * a, b)
    torch.testing.assert_close(a_g, b_g)
    torch.testing.assert_close((b * v).sum(1), torch.zeros(3).double(), atol=1e-9, rtol=0)


def test_half_precision_is_computed_in_float32(rng):
    v, g = torch.randn(5, 300, generator=rng), torch.rand(5, 1, generator=rng)
    for dtype in (torch.bfloat16, torch.float16):
        w = weight_norm(v.to(dtype), g)
        assert torch.equal(w, weight_norm(v.to(dtype).float(), g).to(dtype))


LAYERS = {
    "linear": (lambda: nn.Linear(4, 3), (6, 4), 0),
    "no bias": (lambda: nn.Linear(4, 3, bias=False), (6, 4), 0),
    "convolution": (lambda: nn.Conv2d(2, 3, 3, padding=1), (4, 2, 5, 5), 0),
    "one norm": (lambda: nn.Linear(4, 3), (6, 4), None),
    "by input": (lambda: nn.Linear(4, 3), (6, 4), 1),
}


@pytest.mark.parametrize("case", LAYERS)
def test_trains_like_torch_s_and_shares_its_state(case, rng):
    make, shape, dim = LAYERS[case]
    layer = make()
    ours = WeightNorm(copy.deepcopy(layer), dim=dim)
    theirs = parametrizations.weight_norm(copy.deepcopy(layer), dim=dim)
    x = torch.randn(shape, generator=rng)
    torch.testing.assert_close(ours(x), layer(x))  # the weight stays
    assert set(ours.state_dict()) == set(theirs.state_dict())
    for _ in range(3):
        for module in (ours, theirs):
            module.zero_grad()
            module(x).square().sum().backward()
            with torch.no_grad():
                for p in module.parameters():
                    p -= 0.01 * p.grad
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)
    fresh = WeightNorm(make(), dim=dim)
    fresh.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(fresh(x), theirs(x))
    theirs.load_state_dict(ours.state_dict())


def test_state_moves_within_a_network(rng):
    ours = nn.Sequential(WeightNorm(nn.Linear(4, 3)), nn.ReLU(), WeightNorm(nn.Linear(3, 2)))
    theirs = nn.Sequential(
        parametrizations.weight_norm(nn.Linear(4, 3)),
        nn.ReLU(),
        parametrizations.weight_norm(nn.Linear(3, 2)),
    )
    x = torch.randn(5, 4, generator=rng)
    ours.load_state_dict(theirs.state_dict())
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(copy.deepcopy(ours)(x), theirs(x))
    theirs.load_state_dict(ours.state_dict())


@pytest.mark.parametrize("case", ["linear", "no bias", "convolution"])
def test_data_dependent_start_gives_each_output_mean_zero_and_variance_one(case, rng):
    make, shape, _ = LAYERS[case]
    layer = WeightNorm(make().double())
    x = 3 + 2 * torch.randn(shape, generator=rng, dtype=torch.float64)
    y = layer.initialize(x)
    torch.testing.assert_close(y, layer(x).detach())
    values = y.movedim(1, 0).flatten(1)
    torch.testing.assert_close(values.var(1, correction=0), torch.ones(3).double())
    if layer.module.bias is not None:
        torch.testing.assert_close(values.mean(1), torch.zeros(3).double(), atol=1e-12, rtol=0)
    # against the paper's formula
    unit = layer.v / layer.v.flatten(1).norm(dim=1).view(layer.g.shape)
    function = torch.conv2d if case == "convolution" else nn.functional.linear
    t = function(x, unit, None, padding=1) if case == "convolution" else function(x, unit)
    std = t.movedim(1, 0).flatten(1).std(1, correction=0)
    torch.testing.assert_close(layer.g.flatten(), 1 / std)


def test_start_of_a_sequence_takes_features_from_the_last_dimension(rng):
    layer = WeightNorm(nn.Linear(4, 3))
    y = layer.initialize(torch.randn(5, 7, 4, generator=rng))
    torch.testing.assert_close(y.flatten(0, 1).var(0, correction=0), torch.ones(3))


def test_parametrization_can_be_removed(rng):
    layer = WeightNorm(nn.Linear(4, 3))
    x = torch.randn(5, 4, generator=rng)
    y = layer(x)
    plain = parametrize.remove_parametrizations(layer.module, "weight")
    assert set(dict(plain.named_parameters())) == {"weight", "bias"}
    torch.testing.assert_close(plain(x), y)
    assert "name='weight', dim=0" in repr(layer)


V, G = torch.ones(3, 4), torch.ones(3, 1)
ERRORS = {
    "integers": (TypeError, "v must be floating point, got torch.int64", (V.long(), G)),
    "g": (ValueError, r"g must have shape \(3, 1\) for v.*got \(3,\)", (V, G[:, 0])),
    "g of none": (ValueError, r"g must have shape \(\)", (V, G, None)),
    "dim": (ValueError, r"dim must be None or lie in \[0, 1\].*got 2", (V, G, 2)),
    "negative": (ValueError, "dim must be None or lie in", (V, G, -1)),
    "dtype": (TypeError, "g must be torch.float32 like v", (V, G.double())),
    "device": (ValueError, "g must be on cpu like v, got meta", (V, G.to("meta"))),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    error, message, args = ERRORS[case]
    with pytest.raises(error, match=f"^weight_norm: .*{message}"):
        weight_norm(*args)
    with pytest.raises(error, match=message):
        weight_norm_gradients(V, *args)


def test_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"^weight_norm_gradients: grad must have the shape of v"):
        weight_norm_gradients(V[:2], V, G)


def test_module_errors():
    with pytest.raises(TypeError, match=r"^WeightNorm: module must be a torch.nn.Module, got int"):
        WeightNorm(3)
    with pytest.raises(ValueError, match=r"has no parameter 'w' of its own; it has weight, bias"):
        WeightNorm(nn.Linear(2, 2), name="w")
    with pytest.raises(ValueError, match=r"dim must be None or lie in"):
        WeightNorm(nn.Linear(2, 2), dim=2)
    layer = nn.Linear(2, 2)
    WeightNorm(layer)
    with pytest.raises(ValueError, match=r"^WeightNorm: 'weight'.*is parametrized already"):
        WeightNorm(layer)
    zero = nn.Linear(2, 2)
    nn.init.zeros_(zero.weight)
    with pytest.raises(ValueError, match=r"^WeightNorm: 'weight' has a direction of length 0"):
        WeightNorm(zero)


def test_start_errors_leave_the_layer_alone(rng):
    layer = WeightNorm(nn.Linear(2, 2))
    before = copy.deepcopy(layer.state_dict())
    for batch in (torch.ones(4, 2), torch.randn(1, 2, generator=rng), torch.zeros(0, 2)):
        with pytest.raises(ValueError, match=r"^WeightNorm.initialize: an output is constant"):
            layer.initialize(batch)
    for name, value in layer.state_dict().items():
        assert torch.equal(value, before[name])
    with pytest.raises(ValueError, match=r"^WeightNorm.initialize: needs one length an output"):
        WeightNorm(nn.Linear(2, 2), dim=None).initialize(torch.zeros(4, 2))
    with pytest.raises(TypeError, match=r"^WeightNorm.initialize: the layer must be a Linear"):
        WeightNorm(nn.Bilinear(2, 2, 2)).initialize(torch.zeros(4, 2))


def test_start_takes_no_rounding_for_a_spread():
    """All inputs equal: the outputs are constant, though their mean is rounded."""
    layer = WeightNorm(nn.Linear(3, 2))
    with pytest.raises(ValueError, match="an output is constant on this batch"):
        layer.initialize(torch.full((1001, 3), 0.1))

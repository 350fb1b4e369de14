"""Losses of any size, parameters that are named several times, half precision.

Oracles: an instrument is homogeneous in the loss, 2^k L has 2^k times the gradient and the Hessian;
float64; and the same call with each parameter named once.
"""

import math

import pytest
import torch
from torch import nn

from lecturelib.instruments import (
    displaced,
    effective_smoothness,
    filter_normalize,
    gradient_dependence,
    gradient_norms,
    gradient_predictiveness,
    gradient_walk,
    hessian_product,
    internal_covariate_shift,
    layer_dependence,
    loss_plane,
    loss_variation,
    moments,
    random_directions,
    random_perturbation,
    snapshot,
    spectral_density,
    subspace_overlap,
    targeted_perturbation,
    top_eigenvalues,
    trace,
)

from .networks import cross_entropy, data, network

SCALES = [-110, -80, 0, 80, 110]  # of the loss, as powers of two


def setting(rng, dtype=torch.float32):
    model = network(rng, dtype=dtype)
    x, y = data(rng, dtype=dtype)
    return model, cross_entropy(model, x, y), list(model.parameters())


def scaled(loss, exponent):
    return lambda: loss() * 2.0**exponent


def by_layer(parameters):
    return [parameters[i : i + 2] for i in range(0, len(parameters), 2)]


def after(layers):
    return [[p + 0.1 for p in layer] for layer in snapshot(layers)]


LINEAR = {
    "top_eigenvalues": lambda loss, P: top_eigenvalues(loss, P, k=3).values,
    "trace": lambda loss, P: trace(loss, P, products=30).value,
    "trace, error": lambda loss, P: trace(loss, P, products=30).standard_error,
    "trace, exact": lambda loss, P: trace(loss, P, products=500).value,
    "spectral_density": lambda loss, P: spectral_density(loss, P, steps=6, points=9).nodes,
    "layer_dependence": lambda loss, P: layer_dependence(loss, by_layer(P)).norms,
    "layer_dependence, error": (
        lambda loss, P: layer_dependence(loss, by_layer(P)).standard_errors
    ),
    "across": lambda loss, P: layer_dependence(loss, by_layer(P)).across,
    "walk": lambda loss, P: (
        gradient_walk(loss, P, steps=[0.1, 0.2], equal_length=True).gradient_changes
    ),
    "loss_variation": lambda loss, P: loss_variation(loss, P, steps=[0.1, 2.0], equal_length=True),
    "predictiveness": lambda loss, P: gradient_predictiveness(
        loss, P, steps=[0.1, 2.0], equal_length=True
    ),
    "smoothness": lambda loss, P: effective_smoothness(loss, P, steps=[0.1], equal_length=True),
    "covariate shift": lambda loss, P: (
        internal_covariate_shift(loss, by_layer(P), after=after(by_layer(P))).norm
    ),
}
CONSTANT = {
    "eigenvectors": lambda loss, P: top_eigenvalues(loss, P, k=3).vectors.abs(),
    "gradient_dependence": lambda loss, P: gradient_dependence(loss, by_layer(P)).change,
    "covariate shift, cosine": lambda loss, P: (
        internal_covariate_shift(loss, by_layer(P), after=after(by_layer(P))).cosine
    ),
    "targeted_perturbation": lambda loss, P: torch.cat(
        [d.flatten() for d in targeted_perturbation(loss, P)]
    ),
}


@pytest.mark.parametrize("exponent", SCALES)
@pytest.mark.parametrize("name", [*LINEAR, *CONSTANT])
def test_losses_of_all_sizes(name, exponent, rng):
    _model, loss, P = setting(rng)
    measure = LINEAR.get(name) or CONSTANT[name]
    factor = 2.0**exponent if name in LINEAR else 1.0
    ours, one = measure(scaled(loss, exponent), P), measure(loss, P)
    size = one.abs().max()
    torch.testing.assert_close(
        ours.double() / factor, one.double(), rtol=1e-4, atol=1e-4 * size.item()
    )


@pytest.mark.parametrize("exponent", SCALES)
def test_gradient_norms_of_all_sizes(exponent, rng):
    model, loss, _ = setting(rng)
    layers = [m for m in model.modules() if isinstance(m, nn.Linear)]
    ours, one = gradient_norms(scaled(loss, exponent), layers), gradient_norms(loss, layers)
    torch.testing.assert_close(ours / 2.0**exponent, one)


@pytest.mark.parametrize("scale", [1e-37, 1e-30, 1e-20, 1e20, 1e30, 1e37])
@pytest.mark.parametrize("length", [1e-20, 1.0, 1e20])
def test_filters_of_all_sizes(scale, length, rng):
    d = torch.randn(3, 2, 4, generator=rng) * scale
    theta = torch.randn(3, 2, 4, generator=rng) * length
    (ours,) = filter_normalize([d], [theta])
    (exact,) = filter_normalize([d.double()], [theta.double()])
    assert (ours.double() - exact).abs().max() <= 1e-6 * exact.abs().max()


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_subspaces_of_all_sizes(scale, rng):
    A, B = torch.randn(9, 3, generator=rng), torch.randn(9, 4, generator=rng)
    torch.testing.assert_close(subspace_overlap(A * scale, B), subspace_overlap(A, B))


@pytest.mark.parametrize("exponent", [-120, -60, -30, 0, 30, 60, 120])
@pytest.mark.parametrize("mean", [0.0, 3.0])
def test_moments_of_all_sizes(exponent, mean, rng):
    x = torch.randn(200, 3, generator=rng) + mean
    found, exact = moments(x * 2.0**exponent), moments((x * 2.0**exponent).double())
    for name in ("mean", "skewness", "excess_kurtosis", "positive"):
        ours, wanted = getattr(found, name).double(), getattr(exact, name)
        torch.testing.assert_close(ours, wanted, rtol=1e-3, atol=1e-4 * wanted.abs().max().item())
    if abs(exponent) <= 60:  # else the variance is no number of float32
        torch.testing.assert_close(found.variance.double(), exact.variance, rtol=1e-4, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.1, 0.3, 1e-20, -7e8])
def test_a_constant_unit_has_no_moments_whatever_its_value(value, dtype):
    found = moments(torch.full((1001, 2), value, dtype=dtype))
    assert (found.variance == 0).all()
    assert found.skewness.isnan().all()
    assert found.excess_kurtosis.isnan().all()


TWICE = {
    **LINEAR,
    **{k: v for k, v in CONSTANT.items() if k != "gradient_dependence"},
    "hessian_product": lambda loss, P: hessian_product(loss, P)(torch.ones(count(P))),
    "displaced": lambda loss, P: moved(loss, P),
}


def count(P):
    return sum(p.numel() for p in {id(p): p for p in P}.values())


def moved(loss, P):
    step = random_perturbation(P)
    with displaced(P, step), torch.no_grad():
        return loss()


@pytest.mark.parametrize("name", [n for n in TWICE if "dependence" not in n and n != "across"
                                  and "covariate" not in n])  # fmt: skip
def test_a_parameter_named_twice_counts_once(name, rng):
    _, loss, P = setting(rng)
    measure = TWICE[name]
    torch.testing.assert_close(measure(loss, [*P, P[0], P[0]]), measure(loss, P))


def test_eigenvalues_and_trace_of_a_square_named_twice():
    w = torch.zeros(2, requires_grad=True)

    def f():
        return 3 * w[0] ** 2 + w[1] ** 2  # Hessian diag(6, 2)

    assert top_eigenvalues(f, [w, w]).values.item() == pytest.approx(6)
    assert top_eigenvalues(f, [w, w]).vectors.shape == (2, 1)
    assert trace(f, [w, w]).value.item() == pytest.approx(8)
    assert trace(f, iter([w, w, w])).value.item() == pytest.approx(8)


@pytest.mark.parametrize("of", ["weight", "all"])
def test_a_layer_that_names_a_parameter_twice(of, rng):
    _, loss, P = setting(rng)
    once, twice = by_layer(P), [[*layer, layer[0]] for layer in by_layer(P)]
    a = internal_covariate_shift(loss, once, after=after(once), of=of)
    b = internal_covariate_shift(loss, twice, after=after(twice), of=of)
    torch.testing.assert_close(a, b)
    torch.testing.assert_close(layer_dependence(loss, once), layer_dependence(loss, twice))
    torch.testing.assert_close(gradient_dependence(loss, once), gradient_dependence(loss, twice))


def test_layers_that_share_a_parameter():
    """f = 3uv + w²/2 with layers (u), (v, u): the blocks are parts of one Hessian."""
    u, v = (torch.ones(1, requires_grad=True) for _ in range(2))
    found = layer_dependence(lambda: (3 * u * v + u**2 / 2).sum(), [[u], [v, u]], probes=64)
    H = torch.tensor([[1.0, 3.0], [3.0, 0.0]])  # in (u, v)
    assert found.norms[0, 0].item() == pytest.approx(1)
    # (v, u) by u: the entries 3 and 1.
    assert found.norms[0, 1].item() == pytest.approx(math.sqrt(10), rel=0.3)
    assert found.norms[1, 1].item() == pytest.approx(H.norm().item(), rel=0.3)
    change = gradient_dependence(lambda: (u**2 + v**2).sum(), [[u], [v, u]]).change
    torch.testing.assert_close(change, torch.zeros(2), rtol=0, atol=1e-6)


def test_directions_of_a_network_with_tied_weights(rng):
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    model[2].weight = model[0].weight
    named = [model[0].weight, model[0].bias, model[2].weight, model[2].bias]
    (ours,) = random_directions(named, 1, generator=rng)
    assert len(ours) == len(list(model.parameters())) == 3
    assert len(filter_normalize(ours, named)) == 3
    x = torch.randn(5, 3, generator=rng)

    def loss():
        return model(x).square().mean()

    plane = [
        loss_plane(model, loss, directions=[ours, ours], points=3, batch_points=n).loss
        for n in (1, 4)
    ]
    torch.testing.assert_close(*plane)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_added_up_in_float32(dtype):
    """The gradient's norm, √P · 300, leaves float16."""
    w = torch.zeros(10_000, dtype=dtype, requires_grad=True)

    def loss():
        return (300.0 * w).sum() + (w.float() ** 2).sum()

    walk = gradient_walk(loss, [w], steps=[1e-3], equal_length=True)
    assert walk.gradient_changes.dtype == torch.float32
    assert gradient_walk(loss, [w], steps=[1.0]).distances.item() == pytest.approx(3e4, rel=1e-2)
    assert trace(loss, [w], products=30).value.item() == pytest.approx(2e4, rel=1e-2)
    (step,) = random_perturbation([(w + 1).detach().requires_grad_()], size=0.1)
    assert step.dtype == dtype
    assert step.float().norm().item() == pytest.approx(0.1 * 100, rel=1e-2)


def test_inference_mode(rng):
    """What needs a gradient says so; what needs none works, on inference tensors too."""
    model, loss, P = setting(rng)
    with torch.inference_mode():
        for measure in (*LINEAR.values(), *CONSTANT.values(), hessian_product):
            with pytest.raises(RuntimeError, match=r"^\w+: no gradient can be taken within"):
                measure(loss, P)
        with pytest.raises(RuntimeError, match=r"^gradient_norms: no gradient"):
            gradient_norms(loss, list(model.modules())[1:2])
        inner = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
        x = torch.ones(4, 3)
        directions = random_directions(inner.parameters(), generator=rng)
        planes = [
            loss_plane(
                inner, lambda m: m(x).sum(), directions=directions, points=3, batch_points=n
            ).loss
            for n in (None, 1, 4)
        ]
    torch.testing.assert_close(planes[0], planes[1])
    torch.testing.assert_close(planes[2], planes[1])

"""Products, eigenpairs, trace, density, dependence of layers.

Oracles: the dense Hessian of ``torch.autograd.functional``, quadratics with known spectra.
"""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from lecturelib.instruments import (
    gradient_dependence,
    hessian_product,
    layer_dependence,
    spectral_density,
    top_eigenvalues,
    trace,
)
from lecturelib.models import convnet

from .networks import cross_entropy, data, network, unchanged


def dense_hessian(model, x, y):
    """The Hessian of cross-entropy in one vector of parameters, by PyTorch's own function."""
    names = [name for name, _ in model.named_parameters()]
    shapes = [p.shape for p in model.parameters()]
    vector = torch.cat([p.detach().flatten() for p in model.parameters()])

    def loss(v):
        parts = v.split([shape.numel() for shape in shapes])
        values = {n: t.view(s) for n, t, s in zip(names, parts, shapes, strict=True)}
        return F.cross_entropy(functional_call(model, values, (x,)), y)

    return torch.autograd.functional.hessian(loss, vector)


@pytest.fixture(params=[None, "batch", "layer"])
def problem(request, rng):
    """A network, its loss, and its Hessian."""
    x, y = data(rng)
    model = network(rng, request.param).train()
    H = dense_hessian(model, x, y)
    model.train()
    return model, cross_entropy(model, x, y), H


def quadratic(curvatures, rng=None):
    """A loss whose Hessian has these eigenvalues, on random axes if there is a generator."""
    curvatures = torch.as_tensor(curvatures)
    P = len(curvatures)
    w = torch.zeros(P, dtype=curvatures.dtype, requires_grad=True)
    Q = torch.eye(P, dtype=curvatures.dtype)
    if rng is not None:
        Q = torch.linalg.qr(torch.randn(P, P, generator=rng, dtype=curvatures.dtype)).Q
    return (lambda: (curvatures * (Q.T @ (w - 1)) ** 2).sum() / 2), w, Q


def test_products_are_those_of_the_dense_hessian(problem, rng):
    model, loss, H = problem
    with unchanged(model):
        product = hessian_product(loss, model.parameters())
        for _ in range(3):
            v = torch.randn(len(H), generator=rng, dtype=H.dtype)
            torch.testing.assert_close(product(v), H @ v)


@pytest.mark.parametrize("which", ["largest", "smallest", "magnitude"])
def test_eigenpairs_are_those_of_the_dense_hessian(problem, which):
    model, loss, H = problem
    values, vectors = torch.linalg.eigh(H)
    key = {"largest": -values, "smallest": values, "magnitude": -values.abs()}[which]
    order = key.argsort()[:4]
    with unchanged(model):
        found = top_eigenvalues(loss, model.parameters(), k=4, tol=1e-9, which=which)
    torch.testing.assert_close(found.values, values[order])
    cosines = (found.vectors * vectors[:, order]).sum(0).abs()
    torch.testing.assert_close(cosines, torch.ones_like(cosines))


@pytest.mark.parametrize("max_basis", [None, 8, 12])
@pytest.mark.parametrize("tol", [1e-2, 1e-6])
def test_residuals_keep_the_tolerance_with_and_without_restarts(rng, max_basis, tol):
    curvatures = torch.linspace(-1, 1, 300, dtype=torch.float64) ** 3 * 10
    loss, w, Q = quadratic(curvatures, rng)
    H = Q @ (curvatures[:, None] * Q.T)
    values, vectors = top_eigenvalues(loss, [w], k=4, tol=tol, max_basis=max_basis)
    residuals = (H @ vectors - vectors * values).norm(dim=0)
    assert residuals.max() <= tol * 10 * (1 + 1e-6)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(4).double(), rtol=0, atol=1e-10)
    # The error is of the order of the residual squared over the gap, which is 0.2 here.
    wanted = curvatures.flip(0)[:4]
    assert (values - wanted).abs().max() <= max(10 * (tol * 10) ** 2 / 0.2, 1e-9)


def test_float32_finds_what_float64_finds(rng):
    x, y = data(rng, inputs=36)
    model = convnet(1, [3, 4], 3, norm="batch", activation="tanh", generator=rng)
    images = x.view(-1, 1, 6, 6)
    single = top_eigenvalues(
        lambda: F.cross_entropy(model(images.float()), y), model.parameters(), k=3
    )
    model.double()
    double = top_eigenvalues(
        lambda: F.cross_entropy(model(images), y), model.parameters(), k=3, tol=1e-8
    )
    assert single.values.dtype == torch.float32
    torch.testing.assert_close(single.values.double(), double.values, rtol=1e-4, atol=0)


def test_a_space_that_closes_early_is_left():
    loss, w, _ = quadratic(torch.tensor([2.0, 2, 2, 0, 0]).double())
    found = top_eigenvalues(loss, [w], k=4)
    torch.testing.assert_close(found.values, torch.tensor([2.0, 2, 2, 0]).double())


def test_a_linear_loss_has_the_hessian_zero():
    w = torch.ones(3, requires_grad=True)
    assert top_eigenvalues(lambda: w.sum(), [w], k=2).values.tolist() == [0, 0]
    assert trace(lambda: w.sum(), [w]).value == 0


def test_dropout_keeps_its_mask_in_all_products(rng):
    x, y = data(rng)
    model = network(rng, dropout=0.5)
    with unchanged(model):
        product = hessian_product(cross_entropy(model, x, y), model.parameters())
        v = torch.randn(sum(p.numel() for p in model.parameters()), generator=rng).double()
        assert torch.equal(product(v), product(v))


def test_frozen_parameters_are_left_out(rng):
    x, y = data(rng)
    model = network(rng)
    H = dense_hessian(model, x, y)
    model.linear1.requires_grad_(False)
    n = sum(p.numel() for p in model.linear1.parameters())
    found = top_eigenvalues(cross_entropy(model, x, y), model.parameters(), k=2, tol=1e-9)
    torch.testing.assert_close(found.values, torch.linalg.eigvalsh(H[n:, n:]).flip(0)[:2])


def test_the_trace_with_enough_products_is_exact(problem):
    model, loss, H = problem
    with unchanged(model):
        found = trace(loss, model.parameters(), products=len(H))
    torch.testing.assert_close(found.value, H.trace())
    assert found.standard_error == 0


def test_the_trace_is_unbiased_and_its_error_true(rng):
    # 200 curvatures of both signs that fall slowly, so that much is left for Hutchinson.
    curvatures = torch.linspace(-1, 2, 200, dtype=torch.float64)
    loss, w, _ = quadratic(curvatures, rng)
    found = [trace(loss, [w], products=30, generator=rng) for _ in range(100)]
    values = torch.stack([f.value for f in found])
    z = (values.mean() - curvatures.sum()) / (values.std() / 10)
    assert z.abs() < 4
    errors = torch.stack([f.standard_error for f in found])
    assert 0.7 < errors.square().mean().sqrt() / values.std() < 1.4


def test_hutch_plus_plus_traces_a_low_rank_exactly(rng):
    curvatures = torch.zeros(200, dtype=torch.float64)
    curvatures[:5] = torch.tensor([9.0, -4, 3, 2, 1])
    loss, w, _ = quadratic(curvatures, rng)
    found = trace(loss, [w], products=30)
    torch.testing.assert_close(found.value.item(), 11.0)
    assert found.standard_error < 1e-10


def test_the_density_is_the_smoothed_spectrum(problem):
    model, loss, H = problem
    values = torch.linalg.eigvalsh(H)
    width = 0.1 * (values[-1] - values[0]).item()
    with unchanged(model):
        found = spectral_density(loss, model.parameters(), probes=20, steps=15, width=width)
    bells = torch.exp(-((found.grid[:, None] - values) ** 2) / (2 * width**2))
    wanted = (bells / (width * math.sqrt(2 * math.pi))).mean(1)
    error = (found.density - wanted).abs()
    assert (error <= 5 * found.standard_error + 1e-3 * wanted.max()).all()
    assert found.standard_error.max() < 0.15 * wanted.max()


def test_the_quadrature_is_exact_for_moments(rng):
    # vᵀ Hⁿ v for the normalized start v: m nodes give all powers below 2m exactly.
    curvatures = torch.linspace(-1, 2, 50, dtype=torch.float64)
    loss, w, Q = quadratic(curvatures, rng)
    seed = torch.Generator().manual_seed(3)
    found = spectral_density(loss, [w], probes=1, steps=4, generator=seed)
    v = torch.randn(50, generator=seed.manual_seed(3), dtype=torch.float64)
    v = Q.T @ (v / v.norm())
    for power in range(8):
        wanted = (v**2 * curvatures**power).sum()
        torch.testing.assert_close((found.weights * found.nodes**power).sum(), wanted)
    assert found.standard_error.isnan().all()


def test_the_density_of_equal_eigenvalues_needs_one_step():
    loss, w, _ = quadratic(torch.full((30,), 5.0, dtype=torch.float64))
    found = spectral_density(loss, [w], probes=2, steps=10)
    torch.testing.assert_close(found.nodes, torch.full((2, 10), 5.0).double())
    torch.testing.assert_close(found.weights.sum(1), torch.ones(2).double())
    integral = torch.trapezoid(found.density, found.grid)
    torch.testing.assert_close(integral, torch.tensor(1.0).double(), rtol=1e-3, atol=0)


def blocks(model):
    """Parameters of each layer, with those of its norm."""
    parts = {}
    for name, p in model.named_parameters():
        parts.setdefault(name.split(".")[0].replace("norm", "linear"), []).append(p)
    return list(parts.values())


def test_dependence_has_the_norms_of_the_blocks(problem, rng):
    model, loss, H = problem
    layers = blocks(model)
    with unchanged(model):
        found = layer_dependence(loss, layers, probes=60, generator=rng)
    # Blocks of the dense Hessian: parameters of a layer lie side by side in the vector.
    sizes = [sum(p.numel() for p in layer) for layer in layers]
    wanted = torch.stack(
        [torch.stack([b.norm() for b in rows.split(sizes, 1)]) for rows in H.split(sizes, 0)]
    )
    assert ((found.norms - wanted).abs() <= 5 * found.standard_errors + 1e-12).all()
    assert (found.standard_errors < 0.2 * wanted.max()).all()
    torch.testing.assert_close(found.norms, found.norms.T)
    across = (wanted.square().sum() - wanted.diagonal().square().sum()).sqrt()
    torch.testing.assert_close(found.across, across, rtol=0.2, atol=0)


def test_independent_layers_keep_their_gradients_and_others_turn(rng):
    u, v = (torch.randn(4, generator=rng, dtype=torch.float64).requires_grad_() for _ in range(2))
    apart = gradient_dependence(lambda: (u**4).sum() + v.exp().sum(), [[u], [v]])
    torch.testing.assert_close(apart.change, torch.zeros(2).double(), rtol=0, atol=1e-12)
    # The gradient for u is v itself: it turns as v does, by a step at random of 10% in 4
    # dimensions: tan² of the angle is about 0.01 · 3/4, and 1 - cos half of that.
    tied = gradient_dependence(lambda: u @ v, [[u], [v]], size=0.1, draws=500)
    assert ((tied.change - 0.01 * 3 / 8).abs() < 4 * tied.standard_error + 1e-4).all()


def test_networks_side_by_side_turn_each_on_its_own(rng):
    ws = [torch.randn(3, 5, generator=rng, dtype=torch.float64).requires_grad_() for _ in range(2)]
    found = gradient_dependence(
        lambda: (ws[0] * ws[1].tanh()).square().sum(-1), [[w] for w in ws], draws=50
    )
    assert found.change.shape == (2, 3)
    alone = [w.detach()[1:2].clone().requires_grad_() for w in ws]
    single = gradient_dependence(
        lambda: (alone[0] * alone[1].tanh()).square().sum(-1), [[w] for w in alone], draws=50
    )
    difference = (found.change[:, 1] - single.change[:, 0]).abs()
    assert (difference < 4 * (found.standard_error[:, 1] + single.standard_error[:, 0])).all()


@pytest.mark.parametrize(
    ("call", "options", "message"),
    [
        (top_eigenvalues, {"k": 0}, "k must be a whole number of at least 1, got 0"),
        (top_eigenvalues, {"k": 6}, "k at most P = 5.* got k=6"),
        (top_eigenvalues, {"k": 2, "max_basis": 3}, "max_basis at least k"),
        (top_eigenvalues, {"tol": 1e-16}, r"tol must lie in \[1e-14, 1\), got 1e-16"),
        (top_eigenvalues, {"which": "middle"}, "which must be one of .* got 'middle'"),
        (trace, {"products": 5}, "products must be at least 6, got 5"),
        (spectral_density, {"width": 0.0}, "width must be finite and greater than 0"),
        (spectral_density, {"points": 1}, "points must be"),
    ],
)
def test_errors_name_what_is_wanted(call, options, message):
    loss, w, _ = quadratic(torch.ones(5).double())
    with pytest.raises(ValueError, match=f"{call.__name__}: .*{message}"):
        call(loss, [w], **options)


def test_losses_that_have_no_hessian_are_errors():
    w = torch.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match=r"must be one number, got shape \(3,\)"):
        hessian_product(lambda: w, [w])
    with pytest.raises(ValueError, match="does not depend on the parameters"):
        trace(lambda: torch.zeros(()), [w])
    with pytest.raises(ValueError, match="the loss is nan"):
        top_eigenvalues(lambda: w.sum() * torch.nan, [w])
    with pytest.raises(ValueError, match="a product with the Hessian is not finite"):
        top_eigenvalues(lambda: (w - 1).abs().pow(1.5).sum(), [w])


def test_too_few_products_are_an_error_that_says_how_far_it_got(rng):
    loss, w, _ = quadratic(torch.linspace(0, 1, 500).double(), rng)
    with pytest.raises(RuntimeError, match="8 products do not reach tol=1e-06"):
        top_eigenvalues(loss, [w], k=3, tol=1e-6, max_products=8)


def test_a_kept_graph_survives_buffers_that_are_restored(rng):
    # PyTorch's batch norm saves its running statistics for the backward pass.
    x, y = data(rng)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)).double()
    H = dense_hessian(model, x, y)
    with unchanged(model):
        product = hessian_product(cross_entropy(model, x, y), model.parameters())
    v = torch.randn(len(H), generator=rng, dtype=torch.float64)
    torch.testing.assert_close(product(v), H @ v)

"""The experiments of the chapter initialization against plain PyTorch and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import nn

from lecturelib.chapters.initialization import experiments

F64 = torch.float64


def test_signals_are_those_of_plain_pytorch() -> None:
    """Batch norm and skips by nn.functional, gradients by autograd, one seed at a time."""
    shape = {"depth": 4, "width": 6, "batch_size": 5}
    for options in ({}, {"norm": True}, {"residual": True, "branch": 0.5}):
        found = experiments.signals([3, 7], "he", **shape, **options)
        for s, seed in enumerate((3, 7)):
            g = torch.Generator().manual_seed(10_000 + seed)
            layers = experiments.weights("he", [6] * 5, [seed], dtype=F64)
            z = h = torch.randn(6, 5, generator=g, dtype=F64).T
            sums = []
            for i, w in enumerate(layers):
                z = 0.5 * h @ w[0].T + z if options.get("residual") and i else h @ w[0].T
                z.requires_grad_()
                sums.append(z)
                normed = z
                if options.get("norm"):
                    normed = nn.functional.batch_norm(z, None, None, training=True, eps=1e-12)
                h = normed.relu()
            if options.get("residual"):
                first = found["forward"][0, s]  # layer 1 has no skip and no factor
                layers_one = layers[0][0]
                x = torch.randn(6, 5, generator=torch.Generator().manual_seed(10_000 + seed),
                                dtype=F64)  # fmt: skip
                assert first == pytest.approx((layers_one @ x).square().mean().sqrt().item())
                continue
            cotangent = torch.randn(6, 5, generator=g, dtype=F64).T
            gradients = torch.autograd.grad((h * cotangent).sum() / 5, sums)
            for i in range(4):
                up, down = sums[i].square().mean().sqrt(), gradients[i].square().mean().sqrt()
                assert found["forward"][i, s] == pytest.approx(up.item())
                assert found["backward"][i, s] == pytest.approx(down.item())


def test_uniform_is_what_a_linear_layer_does_by_itself() -> None:
    torch.manual_seed(5)
    layer = nn.Linear(12, 7)
    mine = experiments.weights("uniform", [12, 7], [5])[0][0]
    assert torch.equal(layer.weight, mine)


def test_training_one_seed_does_not_depend_on_the_others() -> None:
    options = {"depth": 2, "width": 8, "steps": 5, "batch_size": 16, "lr": 0.1}
    runs = [("lsuv", "tanh")]
    both = experiments.accuracies([4, 9], runs, **options)["lsuv", "tanh"]
    alone = experiments.accuracies([9], runs, **options)["lsuv", "tanh"]
    assert both[1] == pytest.approx(alone[0].item(), abs=2e-3)


def test_lsuv_of_the_networks_gives_unit_variance() -> None:
    networks = experiments._networks([0, 1], [64, 20, 20, 10], "lsuv", "gelu")
    x = experiments._digits("cpu")[0][:, :256]
    out = networks(x.expand(2, -1, -1))
    assert out.var((1, 2), correction=0).tolist() == pytest.approx([1.0, 1.0], rel=1e-4)


def test_clipping_each_network_by_its_own_norm() -> None:
    """Oracle: PyTorch's clipping, network by network."""
    g = torch.Generator().manual_seed(0)
    parameters = [torch.zeros(3, 4, n).requires_grad_() for n in (5, 1)]
    scale = torch.tensor([0.01, 1.0, 100.0])[:, None, None]
    for p in parameters:
        p.grad = scale * torch.randn(p.shape, generator=g)
    wanted = []
    for s in range(3):
        own = [nn.Parameter(torch.zeros(p.shape[1:])) for p in parameters]
        for mine, p in zip(own, parameters, strict=True):
            mine.grad = p.grad[s].clone()
        nn.utils.clip_grad_norm_(own, 1.0)
        wanted.append([mine.grad for mine in own])
    experiments._clip_each(parameters, 1.0)
    for s in range(3):
        for p, right in zip(parameters, wanted[s], strict=True):
            assert torch.allclose(p.grad[s], right, atol=1e-6)


@pytest.mark.parametrize("how", ["none", "norm", "value"])
def test_the_cliff_is_descended_as_sgd_does(how: str) -> None:
    """Oracle: torch.optim.SGD with PyTorch's own clipping, on the loss written out again."""
    start = torch.tensor([[4.8, -2.5]], dtype=F64)
    found = experiments.cliff_run(start, how=how, steps=5)
    p = nn.Parameter(start[0].clone())
    optimizer = torch.optim.SGD([p], lr=0.5)
    for _ in range(5):
        x = torch.tensor(0.5, dtype=F64)
        for _ in range(50):
            x = p[0] / (1 + torch.exp(-x)) + p[1]
        optimizer.zero_grad()
        ((1 / (1 + torch.exp(-x)) - 0.7) ** 2).backward()
        if how == "norm":
            nn.utils.clip_grad_norm_([p], 0.1)
        elif how == "value":
            nn.utils.clip_grad_value_([p], 0.1)
        optimizer.step()
    assert torch.allclose(found["path"][-1, 0], p.detach(), atol=1e-9)


def test_residual_factor_is_the_root_of_one_plus_half_the_variance() -> None:
    sizes = experiments.signals([0, 1, 2], "he", depth=12, width=256, residual=True)["backward"]
    assert experiments.factor_of(sizes).median().item() == pytest.approx(math.sqrt(2), rel=0.03)


def test_powers_of_an_orthogonal_matrix_share_their_length() -> None:
    spread = experiments.product_spread([0], depth=20, width=16)
    assert spread["linear orthogonal"].item() == pytest.approx(1.0)
    values = experiments.jacobian_values(depth=1, width=16)
    w = experiments.weights("xavier", [16, 16], [0], dtype=F64)[0][0]
    s = torch.linalg.svdvals(w)
    assert torch.allclose(values["linear normal"], s / s[0])


def test_registration_descends_as_scipy_says_and_blur_widens_the_valley() -> None:
    """Oracle: SciPy's minimizer from near the valley; far starts are lost unless blurred first."""
    starts = torch.linspace(-0.3, 0.3, 13, dtype=F64)
    sharp = experiments.registration(starts)
    blurred = experiments.registration(starts, width=0.15, lr=0.02)
    after = experiments.registration(blurred)
    assert (sharp.abs() < 0.005).double().mean() < 0.4
    assert after.abs().max() < 0.005
    t = np.linspace(0, 1, 200)

    def cost(s: np.ndarray) -> float:
        shape = [sum(np.exp(-(((t - c - d) / 0.02) ** 2) / 2) for c in (0.35, 0.45, 0.6))
                 for d in (s[0], 0.0)]  # fmt: skip
        return float(np.square(shape[0] - shape[1]).mean())

    for start, found in zip(starts.tolist(), sharp.tolist(), strict=True):
        if abs(start) < 0.02:
            assert found == pytest.approx(minimize(cost, [start]).x[0], abs=1e-3)

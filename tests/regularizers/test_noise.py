"""add_noise and noisy_weights: distribution, seeds, gradients, and what is put back."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn.utils import parametrizations

from lecturelib.regularizers import add_noise, noisy_weights


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_noise_is_normal_with_the_standard_deviation():
    """Kolmogorov–Smirnov's distance over 1e5 draws, at a level of 1e-6."""
    noise = add_noise(torch.full((100_000,), 2.0).double(), 0.3, generator=generator()) - 2
    assert stats.kstest(noise.numpy(), "norm", args=(0, 0.3)).pvalue > 1e-6


def test_seeds():
    x = torch.randn(5, 4, generator=generator(1))
    expected = x + 0.5 * torch.randn(5, 4, generator=generator(2))
    source = generator(2)
    torch.testing.assert_close(add_noise(x, 0.5, generator=source), expected)
    assert not torch.equal(add_noise(x, 0.5, generator=source), expected)
    torch.manual_seed(7)
    first = add_noise(x, 0.5)
    torch.manual_seed(7)
    assert torch.equal(add_noise(x, 0.5), first)
    strided = x.t().contiguous().t()  # the layout in memory does not matter
    torch.testing.assert_close(add_noise(strided, 0.5, generator=generator(2)), expected)


def test_a_deviation_for_each_row_and_its_gradient():
    x = torch.zeros(3, 2, dtype=torch.float64, requires_grad=True)
    std = torch.tensor([[0.0], [1.0], [2.0]], dtype=torch.float64, requires_grad=True)
    y = add_noise(x, std, generator=generator())
    assert not y[0].any()
    gx, gstd = torch.autograd.grad(y.sum(), (x, std))
    assert torch.equal(gx, torch.ones_like(x))
    torch.testing.assert_close(gstd[1:], (y / std).detach()[1:].sum(1, keepdim=True))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_each_precision_and_empty_tensors(dtype):
    x = torch.randn(6, 3, generator=generator(1)).to(dtype)
    y = add_noise(x, 0.3, generator=generator())
    assert y.dtype == dtype
    wide = add_noise(x if dtype == torch.float64 else x.float(), 0.3, generator=generator())
    assert torch.equal(y, wide.to(dtype))
    assert add_noise(x[:0], 0.3).shape == (0, 3)
    assert torch.equal(add_noise(x, 0.0), x)


def test_add_noise_errors():
    x = torch.ones(3)
    with pytest.raises(ValueError, match=r"^add_noise: std must be at least 0 and finite, got -1"):
        add_noise(x, -1)
    with pytest.raises(
        ValueError, match=r"^add_noise: std must broadcast to .* \(3,\), got \(2,\)"
    ):
        add_noise(x, torch.ones(2))
    with pytest.raises(TypeError, match=r"^add_noise: input has to be floating point"):
        add_noise(x.int(), 1.0)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))


def test_weights_are_noisy_within_and_the_same_bits_after():
    net, source = network(), generator(1)
    before = {name: t.clone() for name, t in net.state_dict().items()}
    places = [p.data_ptr() for p in net.parameters()]
    with noisy_weights(net, 0.1, generator=source) as given:
        assert given is net
        draws = generator(1)
        for name, p in net.named_parameters():
            noise = torch.randn(p.shape, generator=draws)
            torch.testing.assert_close(p.detach(), before[name] + 0.1 * noise)
        for name, t in net.named_buffers():
            assert torch.equal(t, before[name])
    assert [p.data_ptr() for p in net.parameters()] == places
    for name, t in net.state_dict().items():
        assert torch.equal(t, before[name])


def test_gradient_is_that_at_the_noisy_weights():
    net = network().double()
    x = torch.randn(8, 3, generator=generator(2), dtype=torch.float64)
    with noisy_weights(net, 0.2, generator=generator(1)):
        net(x).square().mean().backward()
        noisy = {name: p.detach().clone() for name, p in net.named_parameters()}
    copy = network().double()
    copy.load_state_dict(noisy, strict=False)
    copy(x).square().mean().backward()
    for p, q in zip(net.parameters(), copy.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad)


def test_mean_loss_over_the_noise_has_the_two_terms_of_its_expansion():
    """ŷ = w₁w₂ at x = 1, E(ŷ − y)² in closed form: (w₁w₂ − y)² + σ²(w₁² + w₂²) + σ⁴.

    Margin: five standard errors over 20,000 draws.
    """

    class Product(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.tensor([1.5, -0.5], dtype=torch.float64))

    model, sigma, y, source = Product(), 0.3, 1.0, generator()
    losses = []
    for _ in range(20_000):
        with noisy_weights(model, sigma, generator=source):
            losses.append((model.w.detach().prod() - y).square())
    losses = torch.stack(losses)
    exact = (1.5 * -0.5 - y) ** 2 + sigma**2 * (1.5**2 + 0.5**2) + sigma**4
    assert abs(losses.mean() - exact) < 5 * losses.std() / len(losses) ** 0.5


def test_an_error_within_leaves_the_weights_clean():
    net = network()
    before = [p.clone() for p in net.parameters()]
    with pytest.raises(ZeroDivisionError), noisy_weights(net, 1.0):
        1 / 0  # noqa: B018
    for p, q in zip(net.parameters(), before, strict=True):
        assert torch.equal(p, q)


def test_a_backward_pass_after_the_block_is_an_error_of_pytorch():
    net = network()
    with noisy_weights(net, 0.1):
        loss = net(torch.randn(8, 3, generator=generator())).mean()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_step_within_is_undone_and_told():
    net = network()
    before = [p.clone() for p in net.parameters()]
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)

    def train():
        with noisy_weights(net, 0.1):
            net(torch.randn(8, 3, generator=generator())).mean().backward()
            sgd.step()

    with pytest.raises(RuntimeError, match=r"^noisy_weights: the weights were changed within the"):
        train()
    for p, q in zip(net.parameters(), before, strict=True):
        assert torch.equal(p, q)


def test_tied_frozen_half_and_whole_numbers():
    layer = nn.Linear(50, 50, bias=False)
    model = nn.ModuleList([layer, layer, nn.Linear(50, 50).half().requires_grad_(False)])
    model.count = nn.Parameter(torch.zeros(1, dtype=torch.int64), requires_grad=False)
    before = layer.weight.detach().clone()
    with noisy_weights(model, 0.1, generator=generator()):
        assert (layer.weight - before).std().item() == pytest.approx(0.1, rel=0.1)
        assert model.count.item() == 0
    assert torch.equal(layer.weight, before)


def test_weights_that_are_computed_get_the_noise_on_what_they_are_made_of():
    layer = parametrizations.weight_norm(nn.Linear(3, 2))
    clean = layer.weight.detach().clone()
    with noisy_weights(layer, 0.1, generator=generator()):
        assert not torch.equal(layer.weight, clean)
    assert torch.equal(layer.weight, clean)


def test_in_inference_mode():
    with torch.inference_mode():
        net = network()
        before = [p.clone() for p in net.parameters()]
        with noisy_weights(net, 0.1):
            assert not torch.equal(net[0].weight, before[0])
        assert torch.equal(net[0].weight, before[0])


def test_noisy_weights_errors():
    with pytest.raises(TypeError, match=r"^noisy_weights: model must be a torch.nn.Module, got fu"):
        noisy_weights(lambda x: x, 0.1).__enter__()
    for std in (-1, math.inf, math.nan):
        with pytest.raises(ValueError, match=r"^noisy_weights: std must be at least 0 and finite"):
            noisy_weights(network(), std).__enter__()

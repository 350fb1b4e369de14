"""What the errata of the chapter ``parameter_norms`` say, shown from the definitions."""

from __future__ import annotations

import pytest
import torch


def test_the_noise_enters_by_its_variance_and_once() -> None:
    """JHU: predictions with bias 0.2 and variance 0.09, noise of deviation 0.5."""
    g = torch.Generator().manual_seed(0)
    y_hat, noise = torch.randn(2, 1_000_000, generator=g, dtype=torch.float64)
    y_hat, y = 1.2 + 0.3 * y_hat, 1.0 + 0.5 * noise
    risk = (y_hat - y).square().mean().item()
    bias = (y_hat.mean() - 1.0).square().item()
    variance = y_hat.var().item()
    assert risk == pytest.approx(bias + variance + 0.25, abs=0.003)
    assert risk != pytest.approx(bias + variance + 0.5, abs=0.2)
    noisy = (y_hat.mean() - y).square().mean().item()
    assert noisy + variance + 0.25 == pytest.approx(risk + 0.25, abs=0.003)


def test_only_the_squared_norm_shrinks_by_a_factor_and_only_for_sgd() -> None:
    """FFN: one step on λ‖θ‖², on λ‖θ‖, and of Adam with the penalty in the gradient."""
    theta = torch.tensor([3.0, 4.0, 0.5], dtype=torch.float64)
    lr, strength = 0.1, 0.2

    def shrinkage(kind: type[torch.optim.Optimizer], square: bool) -> torch.Tensor:
        p = theta.clone().requires_grad_()
        optimizer = kind([p], lr=lr)  # type: ignore[call-arg]
        norm = p.norm()
        (strength * (norm**2 if square else norm)).backward()
        optimizer.step()
        return p.detach() / theta

    squared = shrinkage(torch.optim.SGD, True)
    torch.testing.assert_close(squared, torch.full_like(theta, 1 - 2 * lr * strength))
    plain = shrinkage(torch.optim.SGD, False)
    torch.testing.assert_close(plain, 1 - lr * strength / theta.norm().expand(3))
    adam = shrinkage(torch.optim.Adam, True)
    assert adam.max() - adam.min() > 0.1  # each weight loses the rate, large or small

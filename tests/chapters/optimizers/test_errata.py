"""What the errata of the chapter ``optimizers`` say, shown from the definitions."""

from __future__ import annotations

import torch

from lecturelib.chapters.optimizers import experiments

SEEDS = tuple(range(500, 504))
RATES = (1e-3, 1e-2, 1e-1, 1.0)  # the solvers' defaults are among them


def test_the_best_of_several_defaults_is_about_as_good_as_one_tuned_solver() -> None:
    """FFN: no solver that is tuned beats the best default by more than a hundredth on average.

    If re-tuning a favourite were the best choice, there would be a favourite for which it is.
    """
    grid = experiments.solver_grid(SEEDS, rates=RATES, epochs=5)
    default = experiments.defaults(grid, RATES)
    best = experiments.choose(default["validation"], default["test"])
    gains = {name: (v - best).mean().item() for name, v in experiments.tuned(grid).items()}
    assert max(gains.values()) < 0.01
    # And it is the trying that does it: a default by itself may be far away.
    assert (best - default["test"]).mean(1).max() > 0.3


def test_momentum_alone_leads_to_the_place_with_alpha() -> None:
    """FFN: without a gradient the next parameters are θ − εαv, not the slide's θ − εv."""
    generator = torch.Generator().manual_seed(0)
    theta, v = torch.randn(2, 5, generator=generator, dtype=torch.float64)
    lr, alpha = 0.1, 0.8
    p = theta.clone().requires_grad_()
    optimizer = torch.optim.SGD([p], lr, momentum=alpha)
    optimizer.state[p]["momentum_buffer"] = v.clone()
    p.grad = torch.zeros_like(p)
    optimizer.step()
    torch.testing.assert_close(p.detach(), theta - lr * alpha * v, rtol=1e-14, atol=0)
    assert ((p.detach() - (theta - lr * v)).abs() > 0.01 * v.abs()).all()


def test_pytorch_s_nesterov_looks_ahead_with_alpha() -> None:
    """FFN: SGD(nesterov=True) of PyTorch is the recursion with α in the place, not the slide's."""
    curvature = torch.tensor([1.0, 4.0], dtype=torch.float64)
    lr, alpha = 0.1, 0.8
    p = torch.tensor([1.0, -1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr, momentum=alpha, nesterov=True)
    found = {ahead: (p.detach().clone(), torch.zeros_like(p.detach())) for ahead in (alpha, 1.0)}
    for _ in range(10):
        p.grad = curvature * p.detach()
        optimizer.step()
        for ahead, (phi, v) in found.items():
            v = alpha * v + curvature * (phi - lr * ahead * v)
            found[ahead] = (phi - lr * v, v)
    gap = {a: (phi - lr * alpha * v - p.detach()).norm().item() for a, (phi, v) in found.items()}
    assert gap[alpha] < 1e-14
    assert gap[1.0] > 0.01

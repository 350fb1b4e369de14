"""Recurrent signals, detached statistics and Lp norms against plain PyTorch."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from lecturelib.chapters.normalization_family import training_experiments as experiments
from lecturelib.claims import get, run


def test_the_gain_of_the_gradient_is_that_of_the_dense_jacobian() -> None:
    sizes = {"units": 5, "steps": 3}
    found = experiments.recurrent_signal([4], scale=1.2, layer_norm=True, samples=4000, **sizes)[
        "gradient"
    ]

    generator = torch.Generator().manual_seed(4)
    w, u, start, x, _ = (
        torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in ((5, 5), (5, 5), (4000, 5), (3, 4000, 5), (4000, 5))
    )
    norm = nn.LayerNorm(5, eps=0.0, elementwise_affine=False, dtype=torch.float64)

    def last(h: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        for step in inputs:
            h = norm(1.2 / math.sqrt(5) * (h @ w.T) + step @ u.T / math.sqrt(5)).relu()
        return h

    jacobians = torch.func.vmap(torch.func.jacrev(last), in_dims=(0, 1))(start.relu(), x)
    exact = (jacobians.square().sum((1, 2)) / 5).mean().sqrt()
    assert float(found) == pytest.approx(float(exact), rel=0.15)


@pytest.mark.parametrize("detach", experiments.DETACHED.values(), ids=experiments.DETACHED)
def test_detaching_changes_the_gradient_and_not_the_value(detach: tuple[str, ...]) -> None:
    x = torch.randn(1, 7, 6, generator=torch.Generator().manual_seed(0))
    wanted = nn.functional.layer_norm(x.transpose(1, 2), (7,)).transpose(1, 2)
    networks = experiments.DetachNetworks([7, 7, 2], [0], norm="layer")
    networks.detach = detach
    x.requires_grad_()
    y = networks._normalize(x, 0)
    torch.testing.assert_close(y, wanted)
    (gradient,) = torch.autograd.grad((y * torch.arange(7.0)[:, None]).sum(), x)
    # Layer norm's gradient is orthogonal to the constant vector and to its own output.
    assert (gradient.sum(1).abs().max() < 1e-4) == ("mean" not in detach)
    along = (gradient * y).sum(1).abs().max()
    assert (along < 1e-3) == ("std" not in detach)


def test_plain_networks_reach_their_own_accuracy_at_the_step_that_is_said() -> None:
    found = experiments.steps_to_accuracy(
        [1, 2], rates=(0.1,), factors=(1, 50), width=16, depth=2, steps=60
    )
    assert ((found["none"] % 10 == 0) & (found["none"] <= 60)).all()
    assert (found["best none"] > 0.3).all()
    assert (found["best 50"] < found["best 1"]).all()


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("N6", {"units": 6, "steps": 4, "samples": 3}),
        ("N7", {"width": 8, "depth": 2, "epochs": 1}),
        ("N8", {"rates": [0.1], "width": 8, "depth": 2, "epochs": 1}),
        ("N11", {"rates": [0.1], "width": 8, "depth": 2, "steps": 20}),
    ],
)
def test_the_full_command_runs_at_reduced_size(claim: str, changes: dict[str, object]) -> None:
    result = run(claim, seeds=2, full=True, progress=False, **changes)
    assert set(result.values) == {measure.name for measure in get(claim).measures}
    assert all(len(values) == 2 for values in result.values.values())

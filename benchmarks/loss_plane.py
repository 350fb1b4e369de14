"""The loss over a plane of 51 by 51 points, beside the package loss-landscapes.

Both sides get the same network, data and loss. The peer walks over a grid of as many points along
random directions, one forward pass a point; its directions are normalized by the model's norm, as
its filter normalization divides by the norm of a zero bias.
"""

from __future__ import annotations

from collections.abc import Iterator

import loss_landscapes
import torch
import torch.nn.functional as F
from loss_landscapes.metrics import Loss
from torch import Tensor, nn

from lecturelib.data import load_digits
from lecturelib.instruments import loss_plane, random_directions
from lecturelib.models import convnet, mlp
from lecturelib.normalization import BatchNorm1d

from .harness import Benchmark, Work

POINTS = 51
PEER = "loss-landscapes"


class Block(nn.Module):
    """A residual block: x + relu(norm(Wx))."""

    def __init__(self, width: int, norm: type[nn.Module] | None) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width, bias=norm is None)
        self.norm = nn.Identity() if norm is None else norm(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.norm(self.linear(x)))


def residual(norm: type[nn.Module] | None) -> nn.Module:
    """Ten blocks of width 32."""
    blocks = [Block(32, norm) for _ in range(10)]
    return nn.Sequential(nn.Linear(64, 32), *blocks, nn.Linear(32, 10))


def benchmarks(*, compiled: bool = True) -> Iterator[Benchmark]:
    """One benchmark a network: small and deep, wide, convolutional."""
    torch.manual_seed(0)
    x, y, x_test, y_test = load_digits()
    everything = torch.cat([x, x_test]), torch.cat([y, y_test])
    few = x[:384], y[:384]
    images = x[:384].view(-1, 1, 8, 8), y[:384]
    wide = mlp(64, [192, 192], 10, activation=torch.relu)
    convolutional = convnet(1, [16, 32], 10, norm="batch", activation=torch.relu)
    deep = "10 residual blocks of width 32, 384 digits"
    cases: list[tuple[str, nn.Module, tuple[Tensor, Tensor], float | None]] = [
        (f"{deep}, this package's batch norm", residual(BatchNorm1d), few, 0.15),
        (f"{deep}, PyTorch's batch norm", residual(nn.BatchNorm1d), few, None),
        (f"{deep}, no norm", residual(None), few, None),
        ("MLP of 51k parameters, 1,797 digits", wide, everything, 0.75),
        ("CNN 1-16-32-10 with batch norm, 384 digits", convolutional, images, 1.0),
    ]
    for name, model, (inputs, targets), goal in cases:
        check(model, inputs, targets)
        yield Benchmark(
            name=f"loss over {POINTS}×{POINTS} points, {name}, float32",
            contestants={
                PEER: peer(model, inputs, targets, POINTS),
                "lecturelib": ours(model, inputs, targets, POINTS),
            },
            baseline=PEER,
            goals={} if goal is None else {"lecturelib": goal},
            long=True,
        )


def ours(model: nn.Module, x: Tensor, y: Tensor, points: int) -> Work:
    """This package."""
    directions = random_directions(model.parameters(), generator=torch.Generator().manual_seed(0))
    return lambda: loss_plane(
        model, lambda m: F.cross_entropy(m(x), y), directions=directions, points=points
    )


def peer(model: nn.Module, x: Tensor, y: Tensor, points: int) -> Work:
    """The peer, which would not put the model back without the copy."""
    metric = Loss(nn.CrossEntropyLoss(), x, y)
    return lambda: loss_landscapes.random_plane(
        model, metric, distance=10, steps=points, normalization="model", deepcopy_model=True
    )


def check(model: nn.Module, x: Tensor, y: Tensor) -> None:
    """Raise unless the centre of ours is the loss to 1e-6."""
    directions = random_directions(model.parameters(), generator=torch.Generator().manual_seed(0))
    plane = loss_plane(model, lambda m: F.cross_entropy(m(x), y), directions=directions, points=3)
    with torch.no_grad():
        torch.testing.assert_close(
            plane.loss[1, 1], F.cross_entropy(model(x), y), rtol=1e-6, atol=1e-6
        )

r"""Networks side by side that are trained, attacked and tested with noise.

Networks stand side by side (``[S, ...]``: seeds first). Multilayer perceptrons share batched matrix
products; image networks (``vgg11``, ``resnet20``) run one after another behind the same interface,
so that one training loop, one attack and one test serve both. An input is ``[S, B, ...]``, logits
are ``[S, classes, B]``, a loss has one value a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib._evaluation_mode import evaluation_mode
from lecturelib.attacks import pgd
from lecturelib.data import Split, load_digits, textures
from lecturelib.experiments.networks import NormalizedNetworks, descend, passes
from lecturelib.models import resnet, vgg
from lecturelib.normalization import ParametricNoise

__all__ = [
    "EVALUATED_AT_ONCE",
    "ImageNetworks",
    "NoisyNetworks",
    "Perceptrons",
    "build",
    "cross_entropy",
    "fit",
    "load",
    "pixel_pgd",
    "robust_accuracy",
    "total",
]

EVALUATED_AT_ONCE = 500
"""Test samples in one forward pass."""


class Perceptrons(NormalizedNetworks):
    """Multilayer perceptrons side by side, on request with parametric noise on their weights.

    Args:
        widths: inputs, hidden layers, outputs.
        seeds: one seed a network.
        norm: whether batch norm stands before each ReLU.
        noise: where the scales of the noise start; None for no noise.
        granularity: one scale for each ``"layer"``, ``"channel"`` (unit) or ``"element"`` (weight).
        device: where the networks live.
    """

    def __init__(
        self,
        widths: Sequence[int],
        seeds: Sequence[int],
        *,
        norm: bool = False,
        noise: float | None = None,
        granularity: str = "layer",
        device: str = "cpu",
    ) -> None:
        order = ("norm", "relu") if norm else ("relu",)
        super().__init__(widths, seeds, order=order, device=device)
        shared = {"layer": (1, 2), "channel": (2,), "element": ()}[granularity]
        self.noise_scales = nn.ParameterList()
        if noise is None:
            return
        for weight in self.weights:
            shape = [1 if dim in shared else size for dim, size in enumerate(weight.shape)]
            self.noise_scales.append(nn.Parameter(torch.full(shape, noise, device=device)))

    def forward(self, x: Tensor, record: dict[str, list[Tensor]] | None = None) -> Tensor:
        """Map ``[S, B, ...]`` to logits ``[S, classes, B]``; with noise, another map each time."""
        h = x.flatten(2).transpose(1, 2)
        for i in range(len(self.gains)):
            h = torch.baddbmm(self.biases[i], self.weight(i), h)
            h = (self._normalize(h, i) if "norm" in self.order else h).relu()
        return torch.baddbmm(self.biases[-1], self.weight(-1), h)

    def noise_parameters(self) -> list[nn.Parameter]:
        """Scales of the noise, one tensor a layer."""
        return list(self.noise_scales)

    def mean_scale(self) -> Tensor:
        """Mean absolute scale of the noise over layers, ``[S]``; 0 without noise."""
        means = [scale.detach().abs().flatten(1).mean(1) for scale in self.noise_scales]
        return torch.stack(means).mean(0) if means else torch.zeros(len(self.generators))

    def weight(self, i: int) -> Tensor:
        r"""Weights of a layer with fresh noise, :math:`w + \alpha \sigma_w n`; σ is a constant."""
        weight = self.weights[i]
        if not self.noise_scales:
            return weight
        draws = [torch.randn(weight.shape[1:], generator=g) for g in self.generators]
        std = weight.detach().std((1, 2), correction=0, keepdim=True)
        return weight + self.noise_scales[i] * std * torch.stack(draws).to(weight)


class ImageNetworks(nn.Module):
    """Image networks behind the interface of :class:`Perceptrons`, run one after another."""

    def __init__(self, models: Sequence[nn.Module], generators: list[torch.Generator]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)
        self.generators = generators

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``[S, B, C, H, W]`` to logits ``[S, classes, B]``."""
        return torch.stack([m(part).T for m, part in zip(self.models, x, strict=True)])

    def noise_parameters(self) -> list[nn.Parameter]:
        """Scales of the noise of all layers of all networks."""
        return [scale for network in self.models for scale in _scales(network)]

    def mean_scale(self) -> Tensor:
        """Mean absolute scale of the noise over layers, ``[S]``; 0 without noise."""
        means = [[scale.detach().abs().mean() for scale in _scales(m)] for m in self.models]
        return torch.tensor([sum(row) / max(len(row), 1) for row in means])


def _scales(network: nn.Module) -> list[nn.Parameter]:
    """Scales of the parametric noise in a network."""
    layers = [layer for layer in network.modules() if isinstance(layer, ParametricNoise)]
    return [cast(nn.Parameter, layer.scale) for layer in layers]


NoisyNetworks = Perceptrons | ImageNetworks
IMAGE_MODELS = {
    "vgg11": lambda **options: vgg(11, **options),
    "resnet20": lambda **options: resnet(20, **options),
}


def build(
    model: str,
    seeds: Sequence[int],
    data: Split,
    *,
    width: int,
    norm: bool,
    noise: float | None = None,
    granularity: str = "layer",
    device: str = "cpu",
) -> NoisyNetworks:
    """NormalizedNetworks of a kind for the inputs of a data set.

    Args:
        model: ``"mlp<n>"`` with n hidden layers, ``"vgg11"`` or ``"resnet20"``.
        seeds: one seed a network.
        data: decides about the inputs; there are ten classes.
        width: units of a hidden layer, or channels of the first stage.
        norm: whether the networks have batch norm.
        noise: where the scales of parametric weight noise start; None for no noise.
        granularity: one scale for each ``"layer"``, ``"channel"`` or ``"element"``.
        device: where the networks live.

    Raises:
        ValueError: if there is no such model.
    """
    if model.startswith("mlp"):
        inputs = data.x_train[0].numel()
        widths = [inputs] + [width] * int(model.removeprefix("mlp")) + [10]
        return Perceptrons(
            widths, seeds, norm=norm, noise=noise, granularity=granularity, device=device
        )
    if model not in IMAGE_MODELS:
        raise ValueError(f"build: model must be mlp<n> or one of {list(IMAGE_MODELS)}, got {model}")
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    make = partial(IMAGE_MODELS[model], width=width, norm="batch" if norm else None)
    models = [make(generator=generator).to(device) for generator in generators]
    if noise is not None:
        for network, generator in zip(models, generators, strict=True):
            _inject(network, noise, granularity, generator)
    return ImageNetworks(models, generators)


def _inject(network: nn.Module, noise: float, granularity: str, generator: torch.Generator) -> None:
    """Put every convolution and linear layer of a network into parametric noise."""
    for parent in list(network.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Conv2d | nn.Linear):
                noisy = ParametricNoise(layer, granularity, initial=noise, generator=generator)
                setattr(parent, name, noisy)


def load(
    data: str, *, train_size: int, test_size: int, standardize: bool = False, device: str
) -> Split:
    """Pixels in [0, 1] or standardized: the first samples of the digits, or textures.

    Raises:
        ValueError: if there is no such data set.
    """
    if data == "textures":
        return textures(
            train_size=train_size, test_size=test_size, standardize=standardize, device=device
        )
    if data != "digits":
        raise ValueError(f"load: data must be 'digits' or 'textures', got {data!r}")
    x, y, x_test, y_test = load_digits(standardize=standardize, device=device)
    return Split(x[:train_size], y[:train_size], x_test[:test_size], y_test[:test_size])


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of each network, ``[S]``, for logits ``[S, classes, B]``."""
    return F.cross_entropy(logits, y, reduction="none").mean(-1)


def total(logits: Tensor, y: Tensor) -> Tensor:
    """The loss that an attack raises: the sum over networks keeps their gradients apart."""
    return cross_entropy(logits, y).sum()


Objective = Callable[[Tensor, Tensor], Tensor]


def fit(
    networks: NoisyNetworks,
    x: Tensor,
    y: Tensor,
    objective: Objective,
    *,
    epochs: int,
    lr: float,
    batch_size: int,
    weight_decay: float = 0.0,
    more: Sequence[nn.Parameter] = (),
    more_lr: float | None = None,
) -> None:
    """Train all networks by SGD with momentum 0.9 and a rate that falls to 0 along a cosine.

    Args:
        networks: trained in place, each on its own minibatches.
        x: inputs, ``[N, ...]``, the same for all.
        y: classes, ``[N]`` or, one row a network, ``[S, N]``.
        objective: from inputs ``[S, B, ...]`` and classes ``[S, B]`` to a loss ``[S]``.
        epochs: passes over the data.
        lr: learning rate at the start.
        batch_size: samples a step; a smaller rest is left out.
        weight_decay: of the parameters of the networks.
        more: parameters without weight decay, of the networks or others.
        more_lr: their learning rate at the start, if it is another.
    """
    count = len(networks.generators)
    labels = y.expand(count, -1)
    rows = torch.arange(count, device=x.device)[:, None]
    apart = {id(parameter) for parameter in more}
    weights = [p for p in networks.parameters() if id(p) not in apart]
    groups = [
        {"params": weights, "weight_decay": weight_decay},
        {"params": [*more], "lr": lr if more_lr is None else more_lr},
    ]
    update = torch.optim.SGD(groups, lr=lr, momentum=0.9)
    steps = epochs * (len(x) // batch_size)

    def loss(chosen: Tensor) -> Tensor:
        chosen = chosen.to(x.device)
        return objective(x[chosen], labels[rows, chosen])

    networks.train()
    descend(
        loss,
        passes(networks.generators, len(x), batch_size, steps),
        update,
        schedule=torch.optim.lr_scheduler.CosineAnnealingLR(update, steps),
    )


Attack = Callable[[NoisyNetworks, Tensor, Tensor], Tensor]


def pixel_pgd(
    networks: NoisyNetworks, x: Tensor, y: Tensor, *, epsilon: float, steps: int, eot: int
) -> Tensor:
    """PGD within the pixels' range, with steps that may cross the box: 2.5 ε a run."""
    size = 2.5 * epsilon / steps
    return pgd(
        networks, x, y, epsilon=epsilon, step_size=size, steps=steps, eot=eot, clamp=(0.0, 1.0),
        loss=total,
    )  # fmt: skip


def robust_accuracy(
    networks: NoisyNetworks,
    x: Tensor,
    y: Tensor,
    attack: Attack | None = None,
    *,
    draws: int = 1,
) -> Tensor:
    """Accuracy of each network in evaluation mode on attacked inputs, mean over fresh noise."""
    count, right = len(networks.generators), []
    with evaluation_mode(networks):
        for part, classes in zip(
            x.split(EVALUATED_AT_ONCE), y.split(EVALUATED_AT_ONCE), strict=True
        ):
            inputs = part.expand(count, *part.shape)
            labels = classes.expand(count, -1)
            if attack is not None:
                inputs = attack(networks, inputs, labels)
            with torch.no_grad():
                found = [(networks(inputs).argmax(1) == labels).double() for _ in range(draws)]
            right.append(torch.stack(found).mean(0))
    return torch.cat(right, -1).mean(-1)

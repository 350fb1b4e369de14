"""The experiments of Part V on images of 32×32 pixels, for a GPU.

Each function has the name, the arguments and the results of the one for small networks in
``covariate_shift``, ``loss_smoothness`` or ``signal_propagation``. Networks are VGG and ResNet,
images are the textures of :func:`lecturelib.data.textures`, measurements are those of
:mod:`lecturelib.instruments`. Seeds run one after the other. A seed draws weights and batches on
the CPU, so that it means the same on every device.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lecturelib.data import Split, textures
from lecturelib.experiments import checkpoints
from lecturelib.experiments.networks import descend, passes
from lecturelib.experiments.surfaces import shape_of_surface
from lecturelib.instruments import (
    displaced,
    gradient_walk,
    loss_plane,
    random_directions,
    random_perturbation,
    subspace_overlap,
    targeted_perturbation,
    top_eigenvalues,
)
from lecturelib.instruments import internal_covariate_shift as covariate_shift
from lecturelib.models import convnet, resnet, vgg
from lecturelib.normalization import BatchNorm2d, NoisyBatchNorm

__all__ = [
    "explosion",
    "internal_shift",
    "learning_rates",
    "noisy_training",
    "perturbations",
    "ramp",
    "sharp_directions",
    "smoothness",
    "surfaces",
    "train",
]

TRAIN_SIZE, TEST_SIZE = 50_000, 10_000
EVALUATED = 2_000
"""Images at most in one forward pass that measures something."""

Probe = Callable[[int], None]
T = TypeVar("T")


def images(device: str) -> Split:
    """Textures at CIFAR-10's shape and size, standardized; drawn once for all seeds."""
    return _drawn(TRAIN_SIZE, TEST_SIZE, device)


@lru_cache(maxsize=1)
def _drawn(train_size: int, test_size: int, device: str) -> Split:
    return textures(train_size=train_size, test_size=test_size, standardize=True, device=device)


def norm_of(order: Sequence[str]) -> str | None:
    """Name of the norm in an order of layers."""
    return "batch" if "norm" in order else None


def train(
    model: nn.Module,
    data: Split,
    generator: torch.Generator,
    *,
    lr: float,
    steps: int,
    batch_size: int,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    rate: Callable[[int], float] = lambda step: 1.0,
    probe: Probe = lambda step: None,
    kept: checkpoints.Kept | None = None,
    also_drawn: Sequence[torch.Generator] = (),
) -> Tensor:
    """Train by SGD and return the losses ``[steps]``; ``rate`` is a factor on ``lr``.

    Where checkpoints are kept, each epoch ends with one. What a probe gathers goes into ``kept``,
    and what it or the model draws from besides ``generator`` stands in ``also_drawn``, so that both
    are restored.
    """
    optimizer = torch.optim.SGD(
        model.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay
    )
    training = checkpoints.begin(
        model, optimizer, [generator, *also_drawn], {} if kept is None else kept
    )

    def loss(chosen: Tensor) -> Tensor:
        model.train()
        chosen = chosen.to(data.x_train.device)
        return F.cross_entropy(model(data.x_train[chosen]), data.y_train[chosen])

    losses, epoch = training.restore(), len(data.x_train) // batch_size
    for first in range(len(losses), steps, epoch):
        for group in optimizer.param_groups:
            group["lr"] = lr
        chosen = passes([generator], len(data.x_train), batch_size, min(epoch, steps - first))
        more = descend(
            loss,
            (indices[0] for indices in chosen),
            optimizer,
            rate=_counted_from(first, rate),
            probe=_counted_from(first, probe),
        )
        losses = torch.cat([losses.to(more), more])
        training.save(losses)
    return losses


def _counted_from(first: int, call: Callable[[int], T]) -> Callable[[int], T]:
    """A function of the step for a loop that starts at step ``first``."""
    return lambda step: call(first + step)


def draw_batch(data: Split, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A random batch of the training set."""
    chosen = torch.randperm(len(data.x_train), generator=generator)[:size]
    chosen = chosen.to(data.x_train.device)
    return data.x_train[chosen], data.y_train[chosen]


@torch.no_grad()
def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Share of right answers, in the mode that the model is in."""
    right = [
        model(a).argmax(1) == b for a, b in zip(x.split(EVALUATED), y.split(EVALUATED), strict=True)
    ]
    return torch.cat(right).double().mean()


def over_seeds(
    one: Callable[[torch.Generator], Mapping[str, Tensor | float]], seeds: Sequence[int]
) -> dict[str, Tensor]:
    """Run an experiment seed after seed and stack what it returns."""
    rows: dict[str, list[Tensor]] = {}
    for seed in seeds:
        for name, value in one(torch.Generator().manual_seed(seed)).items():
            rows.setdefault(name, []).append(torch.as_tensor(value).double().cpu())
    return {name: torch.stack(values) for name, values in rows.items()}


def activation_inputs(model: nn.Module, x: Tensor) -> list[Tensor]:
    """What enters each activation, as (channels, values)."""
    seen: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen.append(inputs[0].transpose(0, 1).flatten(1))

    hooks = [
        module.register_forward_pre_hook(keep)
        for name, module in model.named_modules()
        if name.startswith("activation")
    ]
    with torch.no_grad():
        model(x)
    for hook in hooks:
        hook.remove()
    return seen


def noisy_training(
    seeds: Sequence[int],
    *,
    kind: str,
    width: int,
    depth: int,
    lr: float,
    steps: int,
    batch_size: int,
    every: int = 100,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A1 with VGG."""
    data, every = images(device), min(every, steps)

    def one(generator: torch.Generator) -> dict[str, Tensor]:
        # A number for every activation: too many to draw on the CPU.
        noise = torch.Generator(device).manual_seed(generator.initial_seed())
        norm = {
            "none": None,
            "batch": "batch",
            "noisy": lambda channels: NoisyBatchNorm(channels, generator=noise),
        }[kind]
        model = vgg(depth, width=width, norm=norm, generator=generator).to(device)
        fixed, _ = draw_batch(data, batch_size, generator)
        kept: checkpoints.Kept = {"shift": [], "before": []}

        def probe(step: int) -> None:
            if step % every < every - 2:
                return
            seen = activation_inputs(model, fixed)
            means = [z.mean(1) for z in seen]
            if step % every == every - 1:
                moved = [
                    ((b - a).abs() / z.std(1).clamp_min(1e-12)).mean()
                    for a, b, z in zip(kept["before"], means, seen, strict=True)
                ]
                kept["shift"].append(torch.stack(moved).mean())
            kept["before"] = means

        losses = train(
            model,
            data,
            generator,
            lr=lr,
            steps=steps,
            batch_size=batch_size,
            probe=probe,
            kept=kept,
            also_drawn=[noise],
        )
        model.train()
        return {
            "loss": losses.mean(),
            "accuracy": accuracy(model, data.x_train, data.y_train),
            "shift": torch.stack(kept["shift"]).nanmedian(),
        }

    return over_seeds(one, seeds)


def layers_of(model: nn.Module) -> list[list[Tensor]]:
    """The parameters of VGG layer by layer, the weight first; those of the norm move with it."""
    layers: list[list[Tensor]] = []
    for name, module in model.named_children():
        own: list[Tensor] = list(module.parameters())
        if name.startswith(("conv", "output")):
            layers.append(own)
        elif own:
            layers[-1] += own
    return layers


def internal_shift(
    seeds: Sequence[int],
    *,
    order: Sequence[str],
    width: int,
    depth: int,
    lr: float,
    steps: int,
    batch_size: int,
    every: int,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A2 with VGG."""
    data = images(device)

    def one(generator: torch.Generator) -> dict[str, Tensor]:
        model = vgg(depth, width=width, norm=norm_of(order), generator=generator).to(device)
        layers = layers_of(model)
        kept: checkpoints.Kept = {"cosine": [], "relative": []}

        def probe(step: int) -> None:
            if step % every != every - 1:
                return
            x, y = draw_batch(data, batch_size, generator)

            def loss() -> Tensor:
                return F.cross_entropy(model(x), y)

            flat = [p for layer in layers for p in layer]
            gradients = iter(torch.autograd.grad(loss(), flat))
            after = [[p.detach() - lr * next(gradients) for p in layer] for layer in layers]
            found = covariate_shift(loss, layers, after=after)
            kept["cosine"].append(found.cosine[1:].nan_to_num(0.0).mean())
            kept["relative"].append(found.relative[1:].mean())

        losses = train(
            model,
            data,
            generator,
            lr=lr,
            steps=steps,
            batch_size=batch_size,
            probe=probe,
            kept=kept,
        )
        means = {name: torch.stack(values).mean() for name, values in kept.items()}
        return means | {"loss": losses[-10:].mean()}

    return over_seeds(one, seeds)


def smoothness(
    seeds: Sequence[int],
    *,
    order: Sequence[str],
    width: int,
    depth: int,
    lr: float,
    training: int,
    batch_size: int,
    every: int,
    multiples: Sequence[float] = (0.5, 1.0, 2.0, 3.0, 4.0),
    walks: Sequence[str] = ("raw", "equal"),
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A3 with VGG; the steps are ``multiples`` of the rate, 0.05 to 0.4 at a rate of 0.1."""
    etas = [multiple * lr for multiple in multiples]
    data = images(device)

    def one(generator: torch.Generator) -> dict[str, Tensor]:
        model = vgg(depth, width=width, norm=norm_of(order), generator=generator).to(device)
        kept: checkpoints.Kept = {}

        def probe(step: int) -> None:
            if step % every != every - 1:
                return
            x, y = draw_batch(data, batch_size, generator)

            def loss() -> Tensor:
                return F.cross_entropy(model(x), y)

            for walk in walks:
                found = gradient_walk(
                    loss, model.parameters(), steps=etas, equal_length=walk == "equal"
                )
                for name, value in {
                    "variation": found.losses.max() - found.losses.min(),
                    "change": found.gradient_changes.max(),
                    "beta": (found.gradient_changes / found.distances).max(),
                }.items():
                    kept.setdefault(f"{name} {walk}", []).append(value)

        train(
            model,
            data,
            generator,
            lr=lr,
            steps=training,
            batch_size=batch_size,
            probe=probe,
            kept=kept,
        )
        return {name: torch.stack(values).mean() for name, values in kept.items()}

    return over_seeds(one, seeds)


def learning_rates(
    seeds: Sequence[int],
    *,
    rates: Sequence[float],
    blocks: int,
    width: int,
    epochs: int,
    batch_size: int,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A4 with ResNet of ``blocks`` blocks a stage; 18 make ResNet-110."""
    data = images(device)
    steps = epochs * (len(data.x_train) // batch_size)

    def falling(step: int) -> float:
        return 0.1 ** ((step >= steps // 2) + (step >= 3 * steps // 4))

    def one(generator: torch.Generator, norm: str | None, lr: float) -> dict[str, Tensor]:
        model = resnet(6 * blocks + 2, width=width, norm=norm, generator=generator).to(device)
        train(
            model,
            data,
            generator,
            lr=lr,
            steps=steps,
            batch_size=batch_size,
            momentum=0.9,
            weight_decay=5e-4,
            rate=falling,
        )
        return {"accuracy": accuracy(model.eval(), data.x_test, data.y_test)}

    return {
        name: torch.stack(
            [over_seeds(partial(one, norm=norm, lr=lr), seeds)["accuracy"] for lr in rates]
        )
        for name, norm in {"none": None, "batch": "batch"}.items()
    }


def explosion(
    seeds: Sequence[int],
    *,
    order: Sequence[str],
    updates: int,
    width: int,
    depth: int,
    lr: float,
    batch_size: int,
    points: int = 120,
    device: str = "cpu",
) -> Tensor:
    """A5 with VGG: the largest step before the loss first rises above its start."""
    data = images(device)
    etas = torch.logspace(-4, 3, points).tolist()

    def one(generator: torch.Generator) -> dict[str, float]:
        model = vgg(depth, width=width, norm=norm_of(order), generator=generator).to(device)
        train(model, data, generator, lr=lr, steps=updates, batch_size=batch_size)
        x, y = draw_batch(data, batch_size, generator)
        parameters = list(model.train().parameters())
        start = F.cross_entropy(model(x), y)
        gradients = torch.autograd.grad(start, parameters)
        largest = etas[0]
        for eta in etas:
            step = [-eta * g for g in gradients]
            with torch.no_grad(), displaced(parameters, step):
                if not F.cross_entropy(model(x), y) <= start:
                    break
            largest = eta
        return {"step": largest}

    return over_seeds(one, seeds)["step"]


def ramp(
    seeds: Sequence[int],
    *,
    order: Sequence[str],
    width: int,
    depth: int,
    batch_size: int,
    steps: int,
    first: float = 1e-3,
    last: float = 30.0,
    device: str = "cpu",
) -> Tensor:
    """A5 with VGG: the rate at which the loss is lowest while the rate rises."""
    data = images(device)

    def rate(step: float) -> float:
        return first * (last / first) ** (step / (steps - 1))

    def one(generator: torch.Generator) -> dict[str, float]:
        model = vgg(depth, width=width, norm=norm_of(order), generator=generator).to(device)
        losses = train(
            model, data, generator, lr=1.0, steps=steps, batch_size=batch_size, rate=rate
        )
        smooth = losses.nan_to_num(nan=math.inf).unfold(0, 5, 1).mean(-1)
        return {"rate": rate(2 + int(smooth.argmin()))}

    return over_seeds(one, seeds)["rate"]


def surfaces(
    seeds: Sequence[int],
    *,
    blocks: int,
    width: int,
    lr: float,
    epochs: int,
    batch_size: int,
    samples: int,
    points: int,
    radius: float,
    near: float = 0.05,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A6 with ResNet of ``blocks`` blocks a stage; 9 make ResNet-56."""
    data = images(device)
    steps = epochs * (len(data.x_train) // batch_size)
    x, y = data.x_train[:samples], data.y_train[:samples]

    def loss(model: nn.Module) -> Tensor:
        parts = zip(x.split(EVALUATED), y.split(EVALUATED), strict=True)
        total = [F.cross_entropy(model(a), b, reduction="sum") for a, b in parts]
        return torch.stack(total).sum() / len(x)

    def one(generator: torch.Generator) -> dict[str, Tensor]:
        result = {}
        state = generator.get_state()
        for name, skip in {"skip": True, "plain": False}.items():
            generator.set_state(state)
            model = resnet(6 * blocks + 2, width=width, skip=skip, generator=generator)
            model = model.to(device)
            train(model, data, generator, lr=lr, steps=steps, batch_size=batch_size)
            result[f"accuracy {name}"] = accuracy(model.eval(), data.x_test, data.y_test)
            plane = partial(
                loss_plane,
                model,
                loss,
                directions=random_directions(model.parameters(), 2, generator=generator),
            )
            for kind, mode in {"batch": "batch", "running": "evaluation"}.items():
                wide = plane(radius=radius, points=points, statistics=mode).loss
                centre = plane(radius=near, points=3, statistics=mode).loss
                found = shape_of_surface(wide, 2 * radius / (points - 1))
                found["curvature"] = shape_of_surface(centre, near)["curvature"]
                result |= {f"{number} {name} {kind}": value for number, value in found.items()}
        return result

    return over_seeds(one, seeds)


def perturbations(
    seeds: Sequence[int],
    *,
    order: Sequence[str],
    lr: float,
    epochs: int,
    width: int,
    depth: int,
    batch_size: int,
    strength: float = 0.01,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A8 with VGG, on at most 2,000 test images as one batch."""
    data = images(device)
    x, y = data.x_test[:EVALUATED], data.y_test[:EVALUATED]

    def one(generator: torch.Generator) -> dict[str, Tensor]:
        model = vgg(depth, width=width, norm=norm_of(order), generator=generator).to(device)
        steps = epochs * (len(data.x_train) // batch_size)
        train(model, data, generator, lr=lr, steps=steps, batch_size=batch_size)
        parameters = list(model.train().parameters())

        @torch.no_grad()
        def predicted() -> Tensor:
            return model(x).argmax(1)

        before, hits, flips = predicted(), [], []
        for channel in range(10):

            def mean_output(channel: int = channel) -> Tensor:
                return model(x)[:, channel].mean()

            with displaced(
                parameters, targeted_perturbation(mean_output, parameters, size=strength)
            ):
                hits.append((predicted() == channel).double().mean())
            with displaced(
                parameters, random_perturbation(parameters, size=strength, generator=generator)
            ):
                flips.append((predicted() != before).double().mean())
        return {
            "target": torch.stack(hits).mean(),
            "flips": torch.stack(flips).mean(),
            "accuracy": (before == y).double().mean(),
        }

    return over_seeds(one, seeds)


def sharp_directions(
    seeds: Sequence[int],
    *,
    channels: Sequence[int],
    lr: float,
    epochs: int,
    batch_size: int,
    samples: int,
    krylov: int,
    k: int = 9,
    tol: float = 1e-3,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """A8 with a convolutional network; ``krylov`` is the largest basis of Lanczos."""
    data = images(device)
    x, y = data.x_train[:samples], data.y_train[:samples]

    def numbers(model: nn.Module, generator: torch.Generator) -> dict[str, Tensor]:
        def loss() -> Tensor:
            return F.cross_entropy(model(x), y)

        parameters = list(model.parameters())
        pairs = top_eigenvalues(
            loss, parameters, k=k, tol=tol, generator=generator, max_basis=krylov
        )
        logits = model(x)
        centred = logits - logits.mean(0)
        variance = centred.square().mean(0)
        moments = torch.cat([logits.mean(0), variance, centred.pow(3).mean(0) / variance.pow(1.5)])
        directions = torch.stack(
            [
                torch.cat(
                    [g.flatten() for g in torch.autograd.grad(m, parameters, retain_graph=True)]
                )
                for m in moments
            ],
            1,
        )
        return {
            "lambda": pairs.values[0],
            "mean": subspace_overlap(pairs.vectors, directions[:, :10]),
            "moments": subspace_overlap(pairs.vectors, directions),
        }

    def one(generator: torch.Generator) -> dict[str, Tensor]:
        result: dict[str, Tensor] = {}
        state = generator.get_state()
        steps = epochs * (len(data.x_train) // batch_size)
        for kind in ("none", "batch"):
            generator.set_state(state)
            model = convnet(
                3, channels, 10, norm=None if kind == "none" else "batch", generator=generator
            ).to(device)
            train(model, data, generator, lr=lr, steps=steps, batch_size=batch_size)
            model.train()
            for name in ("none",) if kind == "none" else ("batch", "frozen"):
                if name == "frozen":
                    freeze_at(model, x)
                found = numbers(model, generator)
                result |= {f"{number} {name}": value for number, value in found.items()}
        return result

    return over_seeds(one, seeds)


@torch.no_grad()
def freeze_at(model: nn.Module, x: Tensor) -> None:
    """Hold the statistics of batch norm fixed at those of a batch, and evaluate with them."""
    for module in model.modules():
        if isinstance(module, BatchNorm2d):
            module.momentum = 1.0
    model.train()(x)
    model.eval()

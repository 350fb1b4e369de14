r"""Experiments on noise, adversarial examples and random labels: claims W14, W15 and R17.

Each takes seeds and settings and returns, by run, what was measured, one value a seed. Networks are
those of :mod:`lecturelib.chapters.noise_and_generalization.noisy_networks`.

Explained in the chapter ``noise_and_generalization``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import torch
import torch.nn.functional as F
from scipy.stats import spearmanr
from torch import Tensor, nn

from lecturelib._evaluation_mode import evaluation_mode
from lecturelib.attacks import fgsm
from lecturelib.chapters.noise_and_generalization.noisy_networks import (
    EVALUATED_AT_ONCE,
    NoisyNetworks,
    build,
    cross_entropy,
    fit,
    load,
    pixel_pgd,
    robust_accuracy,
    total,
)

__all__ = [
    "InputNoise",
    "noise_in_the_loss",
    "parametric_noise_injection",
    "permutation_importance",
    "random_labels",
]


def parametric_noise_injection(
    seeds: Sequence[int],
    *,
    model: str = "mlp2",
    data: str = "digits",
    width: int = 64,
    norm: bool = False,
    train_size: int = 1437,
    test_size: int = 360,
    noise: float = 0.25,
    granularity: str = "layer",
    epsilon: float = 0.1,
    steps: int = 7,
    eot: int = 8,
    epochs: int = 15,
    lr: float = 0.1,
    weight_decay: float = 3e-4,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    """W14: accuracy, clean and attacked, with and without adversarial training and noise.

    Adversarial training minimizes the mean of the losses on clean inputs and on inputs attacked by
    PGD; scales of the noise have no weight decay; both as He et al. do. The runs are ``plain``,
    ``noise``, ``adversarial``, ``both``, and ``held``: as ``both``, with noise that keeps the scale
    with which it starts. For each: accuracy ``clean``, under ``fgsm``, under ``pgd`` with
    expectation over ``eot`` draws of the noise and under ``pgd single`` with one, and the mean
    absolute ``scale`` of the noise.
    """
    parts = load(data, train_size=train_size, test_size=test_size, device=device)
    strong = partial(pixel_pgd, epsilon=epsilon, steps=steps, eot=eot)
    weak = partial(pixel_pgd, epsilon=epsilon, steps=steps, eot=1)
    once = partial(fgsm, epsilon=epsilon, clamp=(0.0, 1.0), loss=total)
    result = {}
    for name, noisy, robust in (
        ("plain", False, False),
        ("noise", True, False),
        ("adversarial", False, True),
        ("both", True, True),
        ("held", True, True),
    ):
        networks = build(
            model, seeds, parts, width=width, norm=norm, noise=noise if noisy else None,
            granularity=granularity, device=device,
        )  # fmt: skip
        for scale in networks.noise_parameters():
            scale.requires_grad_(name != "held")

        def objective(
            x: Tensor, y: Tensor, networks: NoisyNetworks = networks, robust: bool = robust
        ) -> Tensor:
            clean = cross_entropy(networks(x), y)
            if not robust:
                return clean
            with evaluation_mode(networks):
                attacked = weak(networks, x, y)
            return (clean + cross_entropy(networks(attacked), y)) / 2

        fit(
            networks, parts.x_train, parts.y_train, objective, epochs=epochs, lr=lr,
            batch_size=batch_size, weight_decay=weight_decay,
            more=networks.noise_parameters(),
        )  # fmt: skip
        draws = eot if noisy else 1
        test = partial(robust_accuracy, networks, parts.x_test, parts.y_test, draws=draws)
        result[name] = {
            "clean": test(),
            "fgsm": test(partial(once, eot=draws)),
            "pgd": test(strong if noisy else weak),
            "pgd single": test(weak),
            "scale": networks.mean_scale(),
        }
    return result


class InputNoise(nn.Module):
    r"""Noise on the inputs, of a size that is learned for each: :math:`x + s \odot n`.

    Args:
        shape: shape of an input.
        count: number of networks; ``forward`` takes their generators, which draw the noise.
        start: size at the start.
        limit: largest size, which a sigmoid keeps; None lets the size grow without a bound.
        device: where the sizes live.
    """

    def __init__(
        self,
        shape: Sequence[int],
        count: int,
        *,
        start: float,
        limit: float | None,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        share = start if limit is None else start / limit
        at = math.log(share) if limit is None else math.log(share / (1 - share))
        self.raw = nn.Parameter(torch.full((count, *shape), at, device=device))
        self.limit = limit

    def log_size(self) -> Tensor:
        """Logarithm of the sizes, ``[S, ...]``."""
        if self.limit is None:
            return self.raw
        return F.logsigmoid(self.raw) + math.log(self.limit)

    def forward(self, x: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Add noise to inputs ``[S, B, ...]``."""
        draws = [torch.randn(x.shape[1:], generator=g) for g in generators]
        return x + self.log_size().exp()[:, None] * torch.stack(draws).to(x)


def noise_in_the_loss(
    seeds: Sequence[int],
    *,
    model: str = "mlp1",
    data: str = "digits",
    width: int = 64,
    norm: bool = False,
    train_size: int = 1437,
    test_size: int = 360,
    reward: float = 0.01,
    limit: float = 1.0,
    start: float = 0.1,
    fixed: float = 0.4,
    epsilon: float = 0.1,
    steps: int = 10,
    epochs: int = 40,
    lr: float = 0.1,
    size_lr: float = 1.0,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    r"""W15: minimize :math:`E[L(x + s \odot n)] - \lambda \sum_j \log s_j` over weights and sizes.

    The runs are ``plain`` without noise, ``noise`` with sizes that are learned without a reward
    (λ = 0), ``reward``, ``unbounded`` with a reward and no limit on the sizes, and ``fixed`` with
    one size for every input. For each: accuracy ``clean`` and under ``pgd``, both without noise,
    and the sizes, ``[S, inputs]``. ``reward`` has the rank correlation of the sizes with the
    importance of the inputs as well, that of its own network and that of ``plain``.
    """
    parts = load(data, train_size=train_size, test_size=test_size, device=device)
    attack = partial(pixel_pgd, epsilon=epsilon, steps=steps, eot=1)
    result, importance = {}, {}
    for name, bonus, bound, size in (
        ("plain", 0.0, None, 0.0),
        ("noise", 0.0, limit, start),
        ("reward", reward, limit, start),
        ("unbounded", reward, None, start),
        ("fixed", 0.0, None, fixed),
    ):
        networks = build(model, seeds, parts, width=width, norm=norm, device=device)
        shape = parts.x_train.shape[1:]
        noise = InputNoise(shape, len(seeds), start=size or 1.0, limit=bound, device=device)

        def objective(
            x: Tensor, y: Tensor, networks: NoisyNetworks = networks, noise: InputNoise = noise,
            bonus: float = bonus, noisy: bool = size > 0,
        ) -> Tensor:  # fmt: skip
            noised = noise(x, networks.generators) if noisy else x
            loss = cross_entropy(networks(noised), y)
            return loss - bonus * noise.log_size().flatten(1).sum(1) if bonus else loss

        learned = [*noise.parameters()] if name in ("noise", "reward", "unbounded") else []
        fit(
            networks, parts.x_train, parts.y_train, objective, epochs=epochs, lr=lr,
            batch_size=batch_size, more=learned, more_lr=size_lr,
        )  # fmt: skip
        test = partial(robust_accuracy, networks, parts.x_test, parts.y_test)
        sizes = noise.log_size().detach().exp().flatten(1)
        result[name] = {"clean": test(), "pgd": test(attack), "sizes": sizes}
        if name in ("plain", "reward"):
            importance[name] = permutation_importance(networks, parts.x_test, parts.y_test)
    for name, found in importance.items():
        pairs = zip(result["reward"]["sizes"].cpu(), found.cpu(), strict=True)
        ranks = [float(spearmanr(a.numpy(), b.numpy()).statistic) for a, b in pairs]
        result["reward"][f"ranks {name}"] = torch.tensor(ranks)
    return result


@torch.no_grad()
def permutation_importance(networks: NoisyNetworks, x: Tensor, y: Tensor) -> Tensor:
    """Rise of each network's loss when one input is permuted over the samples, ``[S, inputs]``."""
    count, flat = len(networks.generators), x.flatten(1)
    labels = y.expand(count, -1)
    order = torch.stack([torch.randperm(len(x), generator=g) for g in networks.generators])
    order = order.to(x.device)
    inputs = flat.expand(count, *flat.shape)
    with evaluation_mode(networks):
        whole = cross_entropy(networks(inputs.unflatten(2, x.shape[1:])), labels)
        rises = []
        for j in range(flat.shape[1]):
            permuted = inputs.clone()
            permuted[:, :, j] = flat[:, j][order]
            loss = cross_entropy(networks(permuted.unflatten(2, x.shape[1:])), labels)
            rises.append(loss - whole)
    return torch.stack(rises, 1)


def random_labels(
    seeds: Sequence[int],
    *,
    model: str = "mlp2",
    data: str = "digits",
    width: int = 128,
    train_size: int = 1437,
    test_size: int = 360,
    epochs: int = 100,
    lr: float = 0.1,
    batch_size: int = 128,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    """R17: accuracy in training and test after training on true labels and on shuffled ones.

    The runs are ``true`` and ``random`` without normalization, ``true norm`` and ``random norm``
    with batch norm, all with the same settings. ``random`` labels are those of the training set in
    another order for each seed: each class keeps its share, and says nothing about the input.
    """
    parts = load(data, train_size=train_size, test_size=test_size, standardize=True, device=device)
    result: dict[str, dict[str, Tensor]] = {}
    for norm in (False, True):
        for kind in ("true", "random"):
            networks = build(model, seeds, parts, width=width, norm=norm, device=device)
            labels = parts.y_train.expand(len(seeds), -1)
            if kind == "random":
                orders = [torch.randperm(len(labels[0]), generator=g) for g in networks.generators]
                labels = torch.stack([parts.y_train[order.to(device)] for order in orders])

            def objective(x: Tensor, y: Tensor, networks: NoisyNetworks = networks) -> Tensor:
                return cross_entropy(networks(x), y)

            fit(
                networks, parts.x_train, labels, objective, epochs=epochs, lr=lr,
                batch_size=batch_size,
            )  # fmt: skip
            result[kind + " norm" * norm] = {
                "train": _train_accuracy(networks, parts.x_train, labels),
                "test": robust_accuracy(networks, parts.x_test, parts.y_test),
            }
    return result


@torch.no_grad()
def _train_accuracy(networks: NoisyNetworks, x: Tensor, labels: Tensor) -> Tensor:
    """Accuracy of each network on its own labels ``[S, N]``, in evaluation mode."""
    right = []
    with evaluation_mode(networks):
        for part, classes in zip(
            x.split(EVALUATED_AT_ONCE), labels.split(EVALUATED_AT_ONCE, 1), strict=True
        ):
            found = networks(part.expand(len(labels), *part.shape)).argmax(1)
            right.append((found == classes).double())
    return torch.cat(right, 1).mean(1)

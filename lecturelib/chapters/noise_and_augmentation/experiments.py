r"""Experiments on augmentation and noise: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis** (see :mod:`lecturelib.experiments.networks`);
images have the shape ``[N, 1, 8, 8]``, one seed at a time. Whatever is tuned is tuned for each seed
by itself, on validation data whose labels are as often wrong as those of the training data.

Claims R3, R4, R6 and R10; explained in the chapter ``noise_and_augmentation``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.lr_scheduler import CosineAnnealingLR

from lecturelib import augment
from lecturelib.experiments.networks import cross_entropy, descend, passes, sgd
from lecturelib.experiments.perceptrons import Perceptrons, digits
from lecturelib.experiments.wrong_labels import best, flip_labels
from lecturelib.regularizers import add_noise

__all__ = [
    "PROTOCOL",
    "SHIFTS",
    "Augmentation",
    "ScalarNetworks",
    "by_class",
    "classes_right",
    "course",
    "ends",
    "input_terms",
    "kernel_mean",
    "line_of_best",
    "mirrored",
    "noise_gain",
    "noisy",
    "rotated",
    "scalar_samples",
    "shaken",
    "shift_gain",
    "shifted",
    "smoothing_gain",
    "spread",
    "train",
    "tuned",
    "turned",
    "weight_noise",
]

F64 = torch.float64
SIDE, CLASSES = 8, 10

Augmentation = Callable[[Tensor, torch.Generator], Tensor]
"""From images ``[N, 1, 8, 8]`` and a generator to as many images."""

PROTOCOL = {"samples": 600, "held_out": 800, "width": 64, "epochs": 25, "batch_size": 100}
"""Training and validation digits, hidden units, passes, batch: those of the quick claims."""

SHIFTS = [(d, e) for d in (-1, 0, 1) for e in (-1, 0, 1) if (d, e) != (0, 0)]
"""The eight shifts by at most one pixel (down, right)."""


def noisy(images: Tensor, generator: torch.Generator, *, std: float) -> Tensor:
    """Noise of this standard deviation on each pixel, as an augmentation."""
    return add_noise(images, std, generator=generator)


def shifted(images: Tensor, generator: torch.Generator, *, most: int) -> Tensor:
    """Shifts by whole pixels, as an augmentation."""
    return augment.random_shift(images, most, generator=generator)


def rotated(images: Tensor, generator: torch.Generator, *, most: float) -> Tensor:
    """Rotations by up to this angle in degrees, as an augmentation."""
    return augment.random_rotate(images, (-most, most), generator=generator)


# --- networks on digits --------------------------------------------------------------------------


def _as_images(x: Tensor) -> Tensor:
    """Columns ``[..., 64, N]`` as images ``[..., N, 1, 8, 8]``."""
    return x.transpose(-1, -2).unflatten(-1, (1, SIDE, SIDE))


def _as_columns(images: Tensor) -> Tensor:
    return images.flatten(-3).transpose(-1, -2)


def train(
    seeds: Sequence[int],
    *,
    lr: float,
    flip: float = 0.0,
    augmentation: Augmentation | None = None,
    smoothing: float = 0.0,
    weight_noise: float = 0.0,
    samples: int,
    held_out: int,
    width: int,
    epochs: int,
    batch_size: int,
    device: str = "cpu",
    probe: Callable[[Perceptrons, dict[str, Tensor], int], None] | None = None,
) -> tuple[Perceptrons, dict[str, Tensor]]:
    """Train networks 64–width–10 on digits whose labels are wrong with probability ``flip``.

    SGD with momentum 0.9; the rate falls along half a cosine to 0. Pixels are between 0 and 1. The
    augmentation draws anew whenever an image is used, and so does normal noise on the weights, of
    standard deviation ``weight_noise``, in each step.

    Returns the networks, and the data ``[S, …]`` by name: x, y, x_held, y_held, x_test, y_test; the
    test labels are true.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), False))
    networks = Perceptrons(seeds, (SIDE**2, width, CLASSES), device=device)
    generators, chosen = networks.generators, samples + held_out
    y = flip_labels(y[:, :chosen], flip, generators)
    data = {
        "x": x[:, :, :samples].contiguous(),
        "y": y[:, :samples],
        "x_held": x[:, :, samples:chosen],
        "y_held": y[:, samples:],
        "x_test": x_test,
        "y_test": y_test,
    }

    def objective(indices: Tensor) -> Tensor:
        indices = indices.to(device)
        batch = data["x"].gather(2, indices[:, None].expand(-1, SIDE**2, -1))
        if augmentation is not None:
            pairs = zip(_as_images(batch), generators, strict=True)
            batch = _as_columns(torch.stack([augmentation(a, g) for a, g in pairs]))
        target = data["y"].gather(1, indices)
        outputs = _disturbed(networks, batch, weight_noise) if weight_noise else networks(batch)
        loss = F.cross_entropy(outputs, target, reduction="none", label_smoothing=smoothing)
        return loss.mean(-1)

    steps = epochs * (samples // batch_size)
    optimizer = sgd(lr, 0.9)(list(networks.parameters()))
    descend(
        objective,
        passes(generators, samples, batch_size, steps),
        optimizer,
        schedule=CosineAnnealingLR(optimizer, steps),
        probe=None if probe is None else partial(probe, networks, data),
    )
    return networks, data


def _disturbed(networks: Perceptrons, x: Tensor, std: float) -> Tensor:
    """Outputs with normal noise on all weights and biases, each network's from its own draws."""

    def moved(p: Tensor) -> Tensor:
        draws = [torch.randn(p.shape[1:], generator=g) for g in networks.generators]
        return p + std * torch.stack(draws).to(p.device)

    (w, v), (b, c) = map(moved, networks.weights), map(moved, networks.biases)
    return torch.baddbmm(c, v, networks.activate(torch.baddbmm(b, w, x)))


@torch.no_grad()
def scores(networks: Perceptrons, data: dict[str, Tensor]) -> dict[str, Tensor]:
    """Accuracy and loss on the training labels, on validation and test data, ``[S]`` each."""
    found = {}
    for name, end in {"train": "", "validation": "_held", "test": "_test"}.items():
        outputs, y = networks(data["x" + end]), data["y" + end]
        found[name] = (outputs.argmax(1) == y).double().mean(1)
        found[f"{name} loss"] = cross_entropy(outputs, y).double()
    return {name: values.cpu() for name, values in found.items()}


Measurement = Callable[[Perceptrons, dict[str, Tensor]], dict[str, Tensor]]


def tuned(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float],
    also: Measurement | None = None,
    by: str = "validation",
    **options: Any,
) -> dict[str, Tensor]:
    """Train at each rate; for each seed the scores of the rate that validation data prefer."""
    runs = []
    for lr in lrs:
        networks, data = train(seeds, lr=lr, **options)
        runs.append(scores(networks, data) | (also(networks, data) if also else {}))
    found = best(runs, by, smallest=by.endswith("loss"))
    return {**found, "rate": torch.tensor(lrs, dtype=F64)[found.pop("run")]}


def course(seeds: Sequence[int], *, lr: float, epochs: int, **options: Any) -> dict[str, Tensor]:
    """One training, looked at after each epoch: accuracies ``"train"`` and ``"test"``, ``[T, S]``.

    Those of training are on the labels as they are, and on the images undisturbed.
    """
    per_epoch, seen = options["samples"] // options["batch_size"], []

    def look(networks: Perceptrons, data: dict[str, Tensor], step: int) -> None:
        if (step + 1) % per_epoch == 0:
            now = scores(networks, data)
            seen.append(torch.stack([now["train"], now["test"]]))

    train(seeds, lr=lr, epochs=epochs, probe=look, **options)
    return dict(zip(("train", "test"), torch.stack(seen, 1), strict=True))


def ends(run: dict[str, Tensor]) -> str:
    """The accuracies at the end of a course, in words: median [smallest .. largest]."""
    return ", ".join(f"{name} labels {spread(values[-1])}" for name, values in run.items())


def by_class(run: dict[str, Tensor], classes: Sequence[int]) -> str:
    """The accuracy on all test digits and the median on some classes, in words."""
    each = "  ".join(f"{k}: {run[f'class {k}'].median():.2f}" for k in classes)
    return f"all {spread(run['test'])}  {each}"


def spread(values: Tensor) -> str:
    """Median [smallest .. largest], in words."""
    return f"{values.median():.3f} [{values.min():.3f} .. {values.max():.3f}]"


@torch.no_grad()
def _under_noise(networks: Perceptrons, data: dict[str, Tensor], std: float) -> dict[str, Tensor]:
    """Accuracy on test digits with noise, the same noise for all that are compared."""
    x, y = data["x_test"], data["y_test"]
    noise = [
        torch.randn(x.shape[1:], generator=torch.Generator().manual_seed(g.initial_seed()))
        for g in networks.generators
    ]
    right = networks(x + std * torch.stack(noise).to(x.device)).argmax(1) == y
    return {"noisy": right.double().mean(1).cpu()}


def noise_gain(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float],
    strengths: Sequence[float],
    test_noise: float,
    fixed: tuple[float, float] | None = None,
    **options: Any,
) -> dict[str, Tensor]:
    """R3: test accuracy with noise at the inputs minus without, ``[S]``; both sides tuned.

    ``"gain"`` on the digits as they are, ``"robust"`` on those with noise of ``test_noise``.
    ``"fixed"``, where a rate and a standard deviation are given: the gain at these.
    """
    also = partial(_under_noise, std=test_noise)
    plain = tuned(seeds, lrs=lrs, also=also, **options)
    runs = [
        tuned(seeds, lrs=lrs, also=also, augmentation=partial(noisy, std=std), **options)
        | {"std": torch.full((len(seeds),), std, dtype=F64)}
        for std in strengths
    ]
    noise = best(runs, "validation", smallest=False)
    found = _against(plain, noise) | {
        "robust": noise["noisy"] - plain["noisy"],
        "std": noise["std"],
    }
    if fixed is not None:
        lr, std = fixed
        alike = partial(noisy, std=std)
        ends = [
            scores(*train(seeds, lr=lr, augmentation=augmentation, **options))["test"]
            for augmentation in (alike, None)
        ]
        found["fixed"] = ends[0] - ends[1]
    return found


def _against(plain: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        "gain": other["test"] - plain["test"],
        "loss": other["test loss"] / plain["test loss"],
        "plain": plain["test"],
        "other": other["test"],
        "plain rate": plain["rate"],
        "rate": other["rate"],
    }


@torch.no_grad()
def _under_shifts(networks: Perceptrons, data: dict[str, Tensor]) -> dict[str, Tensor]:
    """Accuracy on shifted test digits, and how many answers are those of the digit unshifted."""
    x, y = data["x_test"], data["y_test"]
    images, answers = _as_images(x), networks(x).argmax(1)
    right, same = [], []
    for down, across in SHIFTS:
        moved = augment.shift(images.flatten(0, 1), float(down), float(across))
        given = networks(_as_columns(moved.view(images.shape))).argmax(1)
        right.append((given == y).double().mean(1))
        same.append((given == answers).double().mean(1))
    return {
        "shifted": torch.stack(right).mean(0).cpu(),
        "same": torch.stack(same).mean(0).cpu(),
    }


def shift_gain(
    seeds: Sequence[int], *, lrs: Sequence[float], most: int, **options: Any
) -> dict[str, Tensor]:
    """R4: with random shifts minus without, ``[S]``; both sides pick their rate.

    ``"gain"``: accuracy on test digits as they are. ``"shifted"``: on those shifted by a pixel.
    ``"invariant"``: share of answers that a shift by a pixel leaves as they are.
    """
    plain = tuned(seeds, lrs=lrs, also=_under_shifts, **options)
    moved = tuned(
        seeds, lrs=lrs, also=_under_shifts, augmentation=partial(shifted, most=most), **options
    )
    return _against(plain, moved) | {
        "shifted": moved["shifted"] - plain["shifted"],
        "invariant": moved["same"] - plain["same"],
        "plain same": plain["same"],
    }


def smoothing_gain(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float],
    strengths: Sequence[float],
    **options: Any,
) -> dict[str, Tensor]:
    """R6: test accuracy and loss with smoothed labels against plain ones, ``[S]``.

    Both sides pick rate, and one the smoothing, by the accuracy on validation data. The loss is the
    cross-entropy with the true labels, unsmoothed.
    """
    plain = tuned(seeds, lrs=lrs, **options)
    runs = [
        tuned(seeds, lrs=lrs, smoothing=smoothing, **options)
        | {"smoothing": torch.full((len(seeds),), smoothing, dtype=F64)}
        for smoothing in strengths
    ]
    smooth = best(runs, "validation", smallest=False)
    return _against(plain, smooth) | {"smoothing": smooth["smoothing"]}


@torch.no_grad()
def classes_right(networks: Perceptrons, data: dict[str, Tensor]) -> dict[str, Tensor]:
    """Accuracy on the test digits of each class ``k``, ``[S]`` each, by the name ``"class k"``."""
    y = data["y_test"]
    right = networks(data["x_test"]).argmax(1) == y
    return {
        f"class {k}": ((right & (y == k)).sum(1) / (y == k).sum(1)).double().cpu()
        for k in range(CLASSES)
    }


@torch.no_grad()
def mirrored(
    networks: Perceptrons, data: dict[str, Tensor], digit: int, name: int, *, flip: bool = True
) -> Tensor:
    """Share of the test images of a digit that are called ``name``, once mirrored, ``[S]``."""
    images = _as_images(data["x_test"])
    answers = networks(_as_columns(images.flip(-1) if flip else images)).argmax(1)
    of = data["y_test"] == digit
    return ((answers == name) & of).sum(1).double() / of.sum(1)


@torch.no_grad()
def turned(
    networks: Perceptrons, data: dict[str, Tensor], angle: float = 30.0
) -> dict[str, Tensor]:
    """Accuracy on test digits that are turned, by this angle to one side and to the other."""
    images, right = _as_images(data["x_test"]), []
    for degrees in (-angle, angle):
        moved = augment.rotate(images.flatten(0, 1), degrees).view(images.shape)
        right.append((networks(_as_columns(moved)).argmax(1) == data["y_test"]).double().mean(1))
    return {"turned": torch.stack(right).mean(0)}


@torch.no_grad()
def shaken(networks: Perceptrons, data: dict[str, Tensor], std: float = 0.1) -> dict[str, Tensor]:
    """Test accuracy with normal noise on all weights, mean over ten draws."""
    draws = [_disturbed(networks, data["x_test"], std).argmax(1) for _ in range(10)]
    right = [(answers == data["y_test"]).double().mean(1) for answers in draws]
    return {"shaken": torch.stack(right).mean(0)}


# --- noise at the input: the closed forms --------------------------------------------------------


def line_of_best(x: Tensor, y: Tensor, std: float) -> Tensor:
    r"""Weights ``[D]`` that minimize the mean of :math:`(w \cdot (x + n) - y)^2` over the noise.

    It is ridge regression, :math:`(X^\top X + N \sigma^2 I)^{-1} X^\top y`.
    """
    eye = torch.eye(x.shape[1], dtype=x.dtype)
    return torch.linalg.solve(x.T @ x + len(x) * std**2 * eye, x.T @ y)


def kernel_mean(x: Tensor, points: Tensor, values: Tensor, std: float) -> Tensor:
    r"""The function that noise at the inputs asks for, at places x ``[M]``.

    .. math:: f(x) = \frac{\sum_i y_i \, e^{-(x - x_i)^2 / 2\sigma^2}}
                          {\sum_i e^{-(x - x_i)^2 / 2\sigma^2}}
    """
    return torch.softmax(-((x[:, None] - points) ** 2) / (2 * std**2), 1) @ values


def scalar_samples(samples: int = 25, noise: float = 0.4) -> tuple[Tensor, Tensor]:
    """Places in [−2, 2] and noisy values of sin 2x there: the samples of the movable figure."""
    generator = torch.Generator().manual_seed(3)
    x = 4 * torch.rand(samples, generator=generator, dtype=F64) - 2
    return x, torch.sin(2 * x) + noise * torch.randn(samples, generator=generator, dtype=F64)


# --- noise on the weights ------------------------------------------------------------------------


class ScalarNetworks:
    r"""S networks :math:`f(x) = v \cdot \tanh(wx + b) + c` with the derivatives that R10 needs.

    Parameters are ``[S, K, 3U + 1]``: K variants of each network, side by side.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        *,
        units: int,
        samples: int,
        noise: float,
        amplitude: float = 1.0,
        device: str = "cpu",
    ) -> None:
        self.generators = [torch.Generator().manual_seed(s) for s in seeds]
        self.units, self.device = units, device
        self.x = torch.linspace(-2, 2, samples, dtype=F64, device=device)
        clean = torch.sin(2 * self.x) + noise * self.normal(samples)[:, None]
        self.y = amplitude * clean
        w, b, v = (self.normal(units) for _ in range(3))
        parts = [2 * w, b, v / math.sqrt(units), torch.zeros_like(v[:, :1])]
        self.theta = torch.cat(parts, 1)[:, None]

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers ``[S, …]``, each network's from its own generator."""
        draws = [torch.randn(shape, generator=g, dtype=F64) for g in self.generators]
        return torch.stack(draws).to(self.device)

    def outputs(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Values ``[S, K, N]``, hidden units ``[S, K, N, U]`` and weights v ``[S, K, 1, U]``."""
        w, b, v, c = theta.unsqueeze(-2).split([self.units] * 3 + [1], -1)
        h = torch.tanh(self.x[:, None] * w + b)
        return (h * v).sum(-1) + c[..., 0], h, v

    def loss(self, theta: Tensor) -> Tensor:
        """Mean squared error ``[S, K]``."""
        return (self.outputs(theta)[0] - self.y).square().mean(-1)

    def train(self, lr: float, steps: int) -> None:
        """Adam on the mean squared error."""
        theta = self.theta.clone().requires_grad_()
        optimizer = torch.optim.Adam([theta], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            self.loss(theta).sum().backward()
            optimizer.step()
        self.theta = theta.detach()

    def terms(self) -> tuple[Tensor, Tensor]:
        r"""E ‖∇f‖² and E (f − y) tr ∇²f over the samples, ``[S]`` each, by hand.

        With :math:`h' = 1 - h^2`, :math:`h'' = -2hh'`: f is linear in v and c, so w and b alone
        have second derivatives of their own, :math:`v h'' x^2` and :math:`v h''`.
        """
        f, h, v = self.outputs(self.theta)
        slope, around = 1 - h**2, 1 + self.x[:, None] ** 2
        gradient = (h**2 + v**2 * slope**2 * around).sum(-1) + 1
        trace = (-2 * v * h * slope * around).sum(-1)
        return gradient.mean((1, 2)), ((f - self.y) * trace).mean((1, 2))

    def increase(self, std: float, draws: int) -> Tensor:
        """Mean of J(θ + n) − J(θ) over pairs n, −n of normal noise, ``[S]``."""
        start, rises = self.loss(self.theta), []
        for first in range(0, draws, 100):
            n = std * self.normal(min(100, draws - first), self.theta.shape[-1])
            rises.append((self.loss(self.theta + n) + self.loss(self.theta - n)) / 2 - start)
        return torch.cat(rises, 1).mean(1)


def input_terms(networks: ScalarNetworks, std: float, draws: int) -> dict[str, Tensor]:
    """What noise at the input adds to the loss, ``[S]``, and the two terms of the expansion."""
    f, h, v = networks.outputs(networks.theta)
    w = networks.theta.unsqueeze(-2)[..., : networks.units]
    slope, bend = (v * w * (1 - h**2)).sum(-1), (-2 * v * w**2 * h * (1 - h**2)).sum(-1)
    start, x, rises = networks.loss(networks.theta), networks.x, []
    g = torch.Generator().manual_seed(0)
    for _ in range(draws):
        n = std * torch.randn(x.shape, generator=g, dtype=F64)
        for sign in (1, -1):
            networks.x = x + sign * n
            rises.append(networks.loss(networks.theta) - start)
    networks.x = x
    return {
        "increase": torch.stack(rises).mean(0)[:, 0],
        "penalty": std**2 * slope.square().mean((1, 2)),
        "second": std**2 * ((f - networks.y) * bend).mean((1, 2)),
    }


def weight_noise(
    seeds: Sequence[int],
    *,
    amplitude: float,
    std: float,
    draws: int,
    lr: float,
    steps: int,
    **network: Any,
) -> dict[str, Tensor]:
    """R10: what noise on the weights adds to the loss against the two terms, ``[S]`` each.

    ``"penalty"``: distance of the increase to η E‖∇f‖², over this term. ``"both"``: distance to the
    sum of both terms, over the same. ``" end"``: trained networks. ``" start"``: untrained ones,
    with targets ``amplitude`` times as large.
    """
    found: dict[str, Tensor] = {}
    for when, size in {"end": 1.0, "start": amplitude}.items():
        networks = ScalarNetworks(seeds, amplitude=size, **network)
        if when == "end":
            networks.train(lr, steps)
        gradient, second = (std**2 * term for term in networks.terms())
        increase = networks.increase(std, draws)
        found |= {
            f"penalty {when}": (increase - gradient).abs() / gradient,
            f"both {when}": (increase - gradient - second).abs() / gradient,
            f"loss {when}": networks.loss(networks.theta)[:, 0],
        }
    return {name: values.cpu() for name, values in found.items()}

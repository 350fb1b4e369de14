r"""Experiments on preprocessing: settings and seeds in, one value per seed out.

Claims T8, T12, T13, PP1 and PP2; explained in the chapter ``preprocessing``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.data import ct_phantom
from lecturelib.experiments.networks import accuracy
from lecturelib.experiments.perceptrons import Perceptrons, digits, fit
from lecturelib.preprocessing import (
    Center,
    Standardize,
    Transform,
    Whiten,
    quantize,
    window_level,
)

__all__ = [
    "IMAGES",
    "STAGES",
    "auc",
    "centring_by_shape",
    "centring_worsens",
    "cloud",
    "conditioning",
    "courses",
    "dynamic_range",
    "inference",
    "joint_second_moment",
    "kappa",
    "leak",
    "on_images",
    "rounding_bias",
    "second_moment",
    "selection_leak",
    "sign_walk",
    "steps_needed",
]

F64 = torch.float64
STAGES: dict[str, Callable[[], Transform] | None] = {
    "raw": None,
    "centred": Center,
    "standardized": Standardize,
    "whitened": Whiten,
}
"""What is done to a cloud of points, one step more each time."""


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- T8: condition numbers and steps -------------------------------------------------------------


def kappa(M: Tensor) -> Tensor:
    """Condition number of symmetric matrices ``[…, d, d]``, infinite where one is singular.

    >>> kappa(torch.diag(torch.tensor([1.0, 100.0])))
    tensor(100.)
    """
    values = torch.linalg.eigvalsh(M)
    low, high = values[..., 0], values[..., -1]
    return torch.where(low > 0, high / low, math.inf)


def second_moment(x: Tensor, *, bias: bool = True) -> Tensor:
    """Second moment of the rows of ``[…, N, d]``, with a column of ones appended for a bias."""
    if bias:
        x = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    return x.mT @ x / x.shape[-2]


def joint_second_moment(covariance: Tensor, mean: Tensor, *, bias: bool = True) -> Tensor:
    """The same in population: Σ + μμᵀ, bordered by μ and 1 for a bias.

    >>> kappa(joint_second_moment(torch.eye(1), torch.zeros(1)))
    tensor(1.)
    """
    if bias:
        covariance = F.pad(covariance, (0, 1, 0, 1))
        mean = torch.cat([mean, torch.ones_like(mean[..., :1])], -1)
    return covariance + mean[..., :, None] * mean[..., None, :]


def cloud(
    seed: int, *, samples: int = 2_000, features: int = 5, mixing: float = 0.3
) -> tuple[Tensor, Tensor]:
    """Points whose columns have means, scales and correlations, and linear targets with noise.

    Standard normal variables are mixed by ``I + mixing · normal``, shifted by a normal mean of
    standard deviation 2, and each column is put in its own units: a factor from 0.32 to 3.2.
    """
    g = _generator(seed)
    mix = torch.eye(features, dtype=F64)
    mix = mix + mixing * torch.randn(features, features, generator=g, dtype=F64)
    units = 10 ** (torch.rand(features, generator=g, dtype=F64) - 0.5)
    mean = 2 * torch.randn(features, generator=g, dtype=F64)
    x = (torch.randn(samples, features, generator=g, dtype=F64) @ mix.T + mean) * units
    signal = x @ torch.randn(features, generator=g, dtype=F64)
    noise = torch.randn(samples, generator=g, dtype=F64)
    return x, signal / signal.std() + torch.randn(1, generator=g, dtype=F64) + 0.1 * noise


def _modes(x: Tensor, y: Tensor, *, bias: bool) -> tuple[Tensor, Tensor]:
    """What a step at rate 1/λmax leaves of the excess cost along each eigenvector, and its share.

    Along an eigenvector of E[xxᵀ] with eigenvalue λ a step multiplies the error by 1 − λ/λmax.
    """
    if bias:
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
    values, axes = torch.linalg.eigh(second_moment(x, bias=False))
    optimum = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    share = values * (axes.T @ optimum) ** 2
    return (1 - values / values[-1]) ** 2, share / share.sum()


def steps_needed(x: Tensor, y: Tensor, *, tolerance: float = 1e-6, bias: bool = True) -> int:
    """Steps of gradient descent from 0 until the excess cost is ``tolerance`` of what it was.

    Least squares, learning rate 1/λmax. The steps are not taken one by one: each eigenvector's
    part shrinks by a known factor, and the number is found by bisection.
    """
    factor, share = _modes(x, y, bias=bias)
    few, enough = 0, 1
    while (share * factor**enough).sum() > tolerance:
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        if (share * factor**middle).sum() > tolerance:
            few = middle
        else:
            enough = middle
    return enough


def courses(seeds: Sequence[int], steps: Sequence[int], *, bias: bool = True) -> dict[str, Tensor]:
    """Excess cost over that at the start after so many steps, ``[len(steps), S]`` a stage."""
    t = torch.tensor(steps, dtype=F64)[:, None]
    found: dict[str, list[Tensor]] = {name: [] for name in STAGES}
    for seed in seeds:
        x, y = cloud(seed)
        for name, make in STAGES.items():
            factor, share = _modes(make().fit_transform(x) if make else x, y, bias=bias)
            found[name].append((share * factor**t).sum(1))
    return {name: torch.stack(course, 1) for name, course in found.items()}


def conditioning(
    seeds: Sequence[int],
    *,
    samples: int = 2_000,
    features: int = 5,
    mixing: float = 0.3,
    tolerance: float = 1e-6,
    bias: bool = True,
) -> dict[str, Tensor]:
    """T8: condition number and steps at each stage, and the spike of the mean.

    Returns ``"κ <stage>"`` and ``"steps <stage>"`` of :data:`STAGES`, each ``[S]``, and
    ``"spike"``, the largest eigenvalue of E[xxᵀ] of the raw data over ‖μ‖².
    """
    found: dict[str, list[float]] = {"spike": []}
    for seed in seeds:
        x, y = cloud(seed, samples=samples, features=features, mixing=mixing)
        raw = torch.linalg.eigvalsh(second_moment(x, bias=False))
        found["spike"].append((raw[-1] / x.mean(0).square().sum()).item())
        for name, make in STAGES.items():
            z = make().fit_transform(x) if make else x
            value = kappa(second_moment(z, bias=bias)).item()
            found.setdefault(f"κ {name}", []).append(value)
            steps = steps_needed(z, y, tolerance=tolerance, bias=bias)
            found.setdefault(f"steps {name}", []).append(float(steps))
    return {name: torch.tensor(values, dtype=F64) for name, values in found.items()}


def centring_worsens(
    seeds: Sequence[int],
    *,
    cases: int = 2_000,
    features: int = 5,
    mean: float = 1.0,
    bias: bool = False,
) -> Tensor:
    """PP2: share of random cases in which centring raises the condition number, ``[S]``.

    A case is a covariance AAᵀ/d with normal A, and a normal mean of standard deviation ``mean``.
    """
    shares = []
    for seed in seeds:
        g = _generator(seed)
        A = torch.randn(cases, features, features, generator=g, dtype=F64)
        covariance = A @ A.mT / features
        mu = mean * torch.randn(cases, features, generator=g, dtype=F64)
        before = kappa(joint_second_moment(covariance, mu, bias=bias))
        after = kappa(joint_second_moment(covariance, torch.zeros_like(mu), bias=bias))
        # With a bias neither can win by more than rounding, which grows with the number itself.
        shares.append((after > before * (1 + 1e-12 * before)).double().mean().item())
    return torch.tensor(shares, dtype=F64)


def centring_by_shape(
    seeds: Sequence[int],
    columns: int,
    *,
    cases: int = 1_000,
    features: int = 5,
    mean: float = 1.0,
) -> Tensor:
    """Share of cases in which centring without a bias raises the condition number, ``[S]``.

    As :func:`centring_worsens`, with a covariance AAᵀ/k of A of shape (features, k): the more
    ``columns``, the rounder the cloud.
    """
    shares = []
    for seed in seeds:
        g = _generator(seed)
        A = torch.randn(cases, features, columns, generator=g, dtype=F64)
        covariance = A @ A.mT / columns
        mu = mean * torch.randn(cases, features, generator=g, dtype=F64)
        before = kappa(joint_second_moment(covariance, mu, bias=False))
        shares.append((kappa(covariance) > before).double().mean().item())
    return torch.tensor(shares, dtype=F64)


def sign_walk(
    seeds: Sequence[int],
    *,
    shift: float = 0.0,
    rate: float = 1.0,
    tolerance: float = 0.01,
    steps: int = 400,
) -> dict[str, Tensor]:
    """Two weights by SGD, one sample a step, inputs uniform on [0, 1]² minus ``shift``.

    Targets are without noise, the optimum is (1, −1), the start (0, 0).

    Returns:
        ``"steps"`` ``[S]``, how many until the error stays below ``tolerance`` of the start's, or
        ``steps + 1`` if never; ``"same"`` ``[S]``, the share of those steps in which both weights
        move in the same direction; ``"path"`` ``[steps + 1, S, 2]``.
    """
    inputs = [torch.rand(steps, 2, generator=_generator(seed), dtype=F64) for seed in seeds]
    x = torch.stack(inputs, 1) - shift  # [steps, S, 2]
    optimum = torch.tensor([1.0, -1.0], dtype=F64)
    path = [torch.zeros(len(seeds), 2, dtype=F64)]
    for sample in x:
        error = ((path[-1] - optimum) * sample).sum(1, keepdim=True)
        path.append(path[-1] - rate * error * sample)
    walk = torch.stack(path)
    far = (walk - optimum).norm(dim=2) > tolerance * optimum.norm()
    last = torch.where(far, torch.arange(steps + 1)[:, None], 0).amax(0) + 1
    same = walk.diff(dim=0).prod(2) > 0
    shares = [same[: min(n, steps), i].double().mean() for i, n in enumerate(last.tolist())]
    return {"steps": last.to(F64), "same": torch.stack(shares), "path": walk}


# --- T12: dynamic range --------------------------------------------------------------------------


def auc(low: Tensor, high: Tensor) -> float:
    """Probability that a value of ``low`` is below one of ``high``, ties counted half.

    >>> auc(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 3.0]))
    0.875
    """
    values, place = torch.cat([low, high]).unique(return_inverse=True)
    lows, highs = (
        torch.bincount(part, minlength=len(values)).double()
        for part in (place[: low.numel()], place[low.numel() :])
    )
    above = highs.flip(0).cumsum(0).flip(0) - highs / 2
    return (lows @ above).item() / (low.numel() * high.numel())


def dynamic_range(
    seeds: Sequence[int],
    *,
    size: int = 128,
    noise: float = 3.0,
    level: float = 50.0,
    width: float = 120.0,
    bits: int = 8,
) -> dict[str, Tensor]:
    """T12: a CT-like image in few bits over its whole range, against the same bits in a window.

    "Inside" are the pixels of the liver and its lesions, "outside" those of the rest of the body.
    Returns root mean square errors, numbers of levels, and the area under the curve with which a
    single pixel tells a lesion from the liver: of the 12-bit image, squeezed, and windowed.
    """
    found: dict[str, list[float]] = {}
    for seed in seeds:
        image, liver, lesions = ct_phantom(size, noise=noise, seed=seed)
        squeezed = quantize(image, bits=bits, low=-1024.0, high=3071.0)
        seen = quantize(window_level(image, level=level, width=width), bits=bits, low=0.0, high=1.0)
        windowed = level + width * (seen - 0.5)  # back in Hounsfield units
        inside = liver | lesions
        outside = (image > -900) & ~inside
        images = {"original": image, "squeezed": squeezed, "windowed": windowed}
        for name, other in images.items():
            error = other - image
            values = {
                "error inside": error[inside].square().mean().sqrt().item(),
                "error outside": error[outside].square().mean().sqrt().item(),
                "levels": float(other[inside].unique().numel()),
                "auc": auc(other[lesions], other[liver]),
                "contrast": (other[lesions].mean() - other[liver].mean()).item(),
            }
            for what, value in values.items():
                found.setdefault(f"{what} {name}", []).append(value)
    return {name: torch.tensor(values, dtype=F64) for name, values in found.items()}


def rounding_bias(
    sizes: Sequence[float], *, samples: int = 100_000, seed: int = 0
) -> dict[float, float]:
    """Largest error of the mean of rounded values, by the noise before rounding, in steps.

    Over 41 places of the true value between two steps; normal noise of the given sizes.
    """
    noise = torch.randn(samples, generator=_generator(seed), dtype=F64)
    noise = noise - noise.mean()  # the mean of the noise is not the error of rounding
    places = torch.linspace(-0.499, 0.499, 41, dtype=F64)
    found = {}
    for size in sizes:
        errors = [((u + size * noise).round().mean() - u).abs().item() for u in places]
        found[size] = max(errors)
    return found


# --- PP1: networks on preprocessed images ---------------------------------------------------------


def _apply(
    make: Callable[[], Transform], fitted: Tensor, *others: Tensor
) -> list[Tensor]:  # each [S, D, N]
    """Fit a transform on each seed's samples, and apply it to them and to others."""
    results: list[list[Tensor]] = [[] for _ in range(1 + len(others))]
    for s in range(len(fitted)):
        transform = make().fit(fitted[s].T)
        for result, x in zip(results, (fitted, *others), strict=True):
            result.append(transform.transform(x[s].T).T)
    return [torch.stack(result).contiguous() for result in results]


IMAGES: dict[str, Callable[[], Transform] | None] = {
    "raw": None,
    "centred": Center,
    "standardized": Standardize,
    "whitened": lambda: Whiten("zca"),
}
"""What is done to images with values from 0 to 255."""


def on_images(
    seeds: Sequence[int],
    *,
    lrs: Sequence[float] = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
    epochs: int = 5,
    width: int = 64,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """PP1: test accuracy on digits with pixels from 0 to 255, for each of :data:`IMAGES`.

    A fifth of the training samples is held out; the learning rate with the best mean accuracy on
    it, over all seeds, is taken. Besides ``"<kind>"``, ``[S]``, returns ``"rate <kind>"``, the rate
    taken, and ``"<kind> at the standardized rate"``.
    """
    x, y, x_test, y_test = digits(tuple(seeds), False)
    kept = x.shape[2] * 4 // 5
    parts = [255 * x[:, :, :kept], 255 * x[:, :, kept:], 255 * x_test]
    labels = [y[:, :kept].to(device), y[:, kept:].to(device), y_test.to(device)]
    tried: dict[str, dict[float, tuple[float, Tensor]]] = {}
    for name, make in IMAGES.items():
        train, held, test = (part.to(device) for part in (_apply(make, *parts) if make else parts))
        for lr in lrs:
            networks = Perceptrons(seeds, (64, width, width, 10), "relu", device=device)
            fit(networks, train, labels[0], lr=lr, epochs=epochs, batch_size=batch_size)
            score = accuracy(networks, held, labels[1]).cpu().mean().item()
            tried.setdefault(name, {})[lr] = score, accuracy(networks, test, labels[2]).cpu()
    found = {}
    best = {name: max(lrs, key=lambda lr: tried[name][lr][0]) for name in IMAGES}
    for name in IMAGES:
        found[name] = tried[name][best[name]][1]
        found[f"rate {name}"] = torch.full((len(seeds),), best[name], dtype=F64)
        found[f"{name} at the standardized rate"] = tried[name][best["standardized"]][1]
    return found


# --- T13: inference ------------------------------------------------------------------------------


def _by_own_statistics(x: Tensor, order: Tensor, batch_size: int) -> Tensor:
    """Standardize test images ``[S, D, N]`` by the statistics of the batch that they come in."""
    result = torch.empty_like(x)
    for s in range(len(x)):
        for chosen in order[s].split(batch_size):
            batch = x[s][:, chosen].T
            result[s][:, chosen] = Standardize().fit_transform(batch).T
    return result


def inference(
    seeds: Sequence[int],
    *,
    batch_sizes: Sequence[int] = (1, 36, 360),
    contrast: float = 0.5,
    brightness: float = 0.3,
    lr: float = 0.03,
    epochs: int = 5,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T13: test accuracy by whose mean and standard deviation the test images get.

    Networks are trained on standardized digits. Returns, each ``[S]``, ``"training"``: statistics
    of the training set; ``"mixed <n>"`` and ``"sorted <n>"``: those of the test batch of n images,
    at random or in the order of their class; ``"changed training"`` and ``"changed own"``: the same
    for test images of other contrast and brightness, with their own statistics in batches of 36.
    """
    x, y, x_test, y_test = digits(tuple(seeds), False)
    train, test, changed = _apply(Standardize, x, x_test, contrast * x_test + brightness)
    networks = Perceptrons(seeds, (64, 64, 64, 10), "relu", device=device)
    fit(networks, train.to(device), y.to(device), lr=lr, epochs=epochs)

    def score(inputs: Tensor) -> Tensor:
        return accuracy(networks, inputs.to(device), y_test.to(device)).cpu()

    count = x_test.shape[2]
    mixed = torch.stack([torch.randperm(count, generator=_generator(seed)) for seed in seeds])
    ranked = y_test.argsort(dim=1, stable=True)
    found = {"training": score(test), "changed training": score(changed)}
    for n in batch_sizes:
        found[f"mixed {n}"] = score(_by_own_statistics(x_test, mixed, n))
        found[f"sorted {n}"] = score(_by_own_statistics(x_test, ranked, n))
    own = _by_own_statistics(contrast * x_test + brightness, mixed, 36)
    return {**found, "changed own": score(own)}


def _ridge_accuracy(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], penalty: float = 1.0
) -> float:
    """Accuracy of ridge regression on the classes, a linear classifier in closed form."""

    def ones(x: Tensor) -> Tensor:
        return torch.cat([x, torch.ones_like(x[:, :1])], 1)

    A, classes = ones(train[0]), F.one_hot(train[1]).to(train[0].dtype)
    W = torch.linalg.solve(A.T @ A + penalty * torch.eye(A.shape[1], dtype=A.dtype), A.T @ classes)
    return ((ones(test[0]) @ W).argmax(1) == test[1]).double().mean().item()


def leak(
    seeds: Sequence[int], make: Callable[[], Transform], *, samples: int = 50, splits: int = 8
) -> Tensor:
    """T13: what it adds to the test accuracy to fit the transform on the test images too, ``[S]``.

    ``samples`` digits to train on, as many to test on, ridge regression; mean over ``splits``.
    """
    x, y, x_test, y_test = digits((0,), False)
    images, classes = torch.cat([x[0], x_test[0]], 1).T.double(), torch.cat([y[0], y_test[0]])
    gains = []
    for seed in seeds:
        g = _generator(seed)
        gain = 0.0
        for _ in range(splits):
            order = torch.randperm(len(images), generator=g)
            train, test = order[:samples], order[samples : 2 * samples]
            scores = []
            for known in (train, order[: 2 * samples]):
                transform = make().fit(images[known])
                pairs = [(transform.transform(images[i]), classes[i]) for i in (train, test)]
                scores.append(_ridge_accuracy(pairs[0], pairs[1]))
            gain += (scores[1] - scores[0]) / splits
        gains.append(gain)
    return torch.tensor(gains, dtype=F64)


def selection_leak(
    seeds: Sequence[int], *, samples: int = 50, features: int = 2_000, chosen: int = 20
) -> dict[str, Tensor]:
    """T13: columns of pure noise chosen for their correlation with coin-flip labels, ``[S]``.

    ``"honest"`` chooses on the training samples, ``"leaky"`` on the test samples too; the accuracy
    is that of ridge regression on as many test samples. Half is all that there is to reach.
    """
    found: dict[str, list[float]] = {"honest": [], "leaky": []}
    for seed in seeds:
        g = _generator(seed)
        x = torch.randn(2 * samples, features, generator=g, dtype=F64)
        y = torch.arange(2 * samples) % 2
        for name, known in (("honest", slice(samples)), ("leaky", slice(None))):
            z = Standardize().fit_transform(x[known])
            correlation = z.T @ (2 * y[known] - 1).to(F64)
            columns = correlation.abs().topk(chosen).indices
            kept = x[:, columns]
            train, test = (kept[:samples], y[:samples]), (kept[samples:], y[samples:])
            found[name].append(_ridge_accuracy(train, test))
    return {name: torch.tensor(values, dtype=F64) for name, values in found.items()}

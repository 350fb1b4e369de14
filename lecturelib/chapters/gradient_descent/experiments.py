r"""Experiments on gradient descent: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: the runs of all seeds go side by side, and
networks have activations of shape ``[S, D, B]`` (seeds, units, samples). All draws come from one
CPU generator a seed.

Claims T1, T2, T6 and GD1 to GD5; explained in the chapter ``gradient_descent``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib.experiments.networks import Objective, cross_entropy, fit, sgd
from lecturelib.experiments.perceptrons import Perceptrons, digits
from lecturelib.gradient_descent import gradient_descent, lipschitz_constants

__all__ = [
    "SCHEDULES",
    "at_stop",
    "batch_size_race",
    "cost_of_a_step",
    "descent_slack",
    "detour",
    "first_epoch",
    "full_batch_losses",
    "interpolators",
    "largest_rate",
    "lecture_function",
    "lecture_slope",
    "many_minima",
    "mean_square_error",
    "minibatch_noise",
    "overfitting",
    "per_sample_gradients",
    "quadratic_ratio",
    "quartic",
    "rate_sweep",
    "reshuffling",
    "robbins_monro",
    "sharpness_course",
    "slide_rate",
    "top_curvature",
    "train",
]

F64 = torch.float64
Schedule = Callable[[int], float]


def _normal(seeds: Sequence[int], *shape: int) -> Tensor:
    """Standard normal draws ``[S, *shape]``, each seed from its own generator."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return torch.stack([torch.randn(*shape, generator=g, dtype=F64) for g in generators])


# --- the learning rate on functions that are known -----------------------------------------------


def lecture_function(x: Tensor) -> Tensor:
    """The function of the slide, sin(x) cos(4x)."""
    return torch.sin(x) * torch.cos(4 * x)


def lecture_slope(x: Tensor) -> Tensor:
    """Its derivative, (5 cos 5x - 3 cos 3x) / 2."""
    return (5 * torch.cos(5 * x) - 3 * torch.cos(3 * x)) / 2


def quadratic_ratio(
    seeds: Sequence[int],
    c: float,
    *,
    features: int = 5,
    samples: int = 20,
    steps: int = 3000,
    device: str = "cpu",
) -> Tensor:
    """T1: distance to the minimum after gradient descent with rate c / λmax, over that before.

    The quadratic is ½ θᵀHθ with H = AᵀA / samples, A normal.
    """
    draws = _normal(seeds, samples + 1, features).to(device)
    a, theta = draws[:, :-1], draws[:, -1:]
    h = a.transpose(1, 2) @ a / samples
    lr = c / torch.linalg.eigvalsh(h)[:, -1:, None]
    path = gradient_descent(lambda theta, t: lr * (theta @ h), theta, lr=1.0, steps=steps)
    return (path[-1].norm(dim=(1, 2)) / path[0].norm(dim=(1, 2))).cpu()


def descent_slack(
    seeds: Sequence[int],
    c: float,
    *,
    features: int = 5,
    samples: int = 100,
    points: int = 200,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T1: logistic regression against the descent lemma at random points, with rate c / K.

    ``"violations"`` counts the points where the loss after the step exceeds the bound, ``"uphill"``
    those where it exceeds the loss before; both ``[S]``. K = λmax(XᵀX / n) / 4.
    """
    draws = _normal(seeds, samples + points, features + 1).to(device)
    x, y = draws[:, :samples, :features], (draws[:, :samples, features] > 0).to(F64)
    scale = torch.logspace(-2, 1, points, dtype=F64, device=device)[:, None]
    theta = scale * draws[:, samples:, :features]
    k = torch.linalg.eigvalsh(x.transpose(1, 2) @ x / samples)[:, -1:] / 4

    def loss(theta: Tensor) -> Tensor:
        z = theta @ x.transpose(1, 2)  # [S, points, samples]
        target = y[:, None].expand_as(z)
        return F.binary_cross_entropy_with_logits(z, target, reduction="none").mean(-1)

    theta = theta.requires_grad_()
    before = loss(theta)
    (g,) = torch.autograd.grad(before.sum(), theta)
    lr = c / k
    with torch.no_grad():
        after = loss(theta - lr[..., None] * g)
        bound = before - lr * (1 - k * lr / 2) * g.square().sum(-1)
    return {
        "violations": (after > bound + 1e-12).double().sum(1).cpu(),
        "uphill": (after > before + 1e-12).double().sum(1).cpu(),
    }


def slide_rate(
    seeds: Sequence[int],
    rate: float,
    *,
    starts: int = 500,
    steps: int = 200,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """GD4: gradient descent on the slide's function from random starts in [−π, π].

    Returns, each ``[S]``: ``"uphill"``, the share of starts from which some step goes uphill;
    ``"settled"``, the share whose last slope is below 1e-3; ``"lowest"``, the share that ends
    within 1e-3 of a global minimum, −1.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    u = torch.stack([torch.rand(starts, generator=g, dtype=F64) for g in generators])
    theta = (math.pi * (2 * u - 1)).to(device)
    path = gradient_descent(lambda x, t: lecture_slope(x), theta, lr=rate, steps=steps)
    values = lecture_function(path)
    return {
        "uphill": (values.diff(dim=0) > 1e-12).any(0).double().mean(1).cpu(),
        "settled": (lecture_slope(path[-1]).abs() < 1e-3).double().mean(1).cpu(),
        "lowest": (values[-1] < -1 + 1e-3).double().mean(1).cpu(),
    }


# --- Robbins and Monro ---------------------------------------------------------------------------

SCHEDULES: dict[str, Schedule] = {
    "constant": lambda t: 0.1,
    "1/t": lambda t: 1 / (t + 2),
    "1/√t": lambda t: 1 / math.sqrt(t + 2),
    "1/t²": lambda t: 1 / (t + 2) ** 2,
}


def mean_square_error(schedule: Schedule, start: float, steps: int) -> tuple[list[float], ...]:
    """Bias and variance of θ after each step, exactly, for g = θ + unit noise.

    >>> bias, variance = mean_square_error(SCHEDULES["1/t²"], 2.0, 1000)
    >>> round(bias[-1], 3)
    1.001
    """
    bias, variance = [start], [0.0]
    for t in range(steps):
        lr = schedule(t)
        bias.append((1 - lr) * bias[-1])
        variance.append((1 - lr) ** 2 * variance[-1] + lr**2)
    return bias, variance


def robbins_monro(
    seeds: Sequence[int],
    schedule: Schedule,
    *,
    start: float = 4.0,
    steps: int = 5000,
    runs: int = 100,
    noise: str = "additive",
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T2: stochastic gradient descent on θ²/2 with unit noise, ``runs`` times for each seed.

    Args:
        seeds: one generator each.
        schedule: step t = 0, 1, … -> learning rate.
        start: where all runs start; the minimum is at 0.
        steps: number of steps.
        runs: runs a seed.
        noise: ``"additive"``, g = θ + ξ, or ``"multiplicative"``, g = θ (1 + ξ): noise that
            vanishes at the minimum.
        device: where the runs live.

    Returns:
        ``"bias"``, ``"variance"`` and ``"mse"`` of the last θ over the runs, each ``[S]``, and
        ``"path"`` of the first ten runs, ``[steps + 1, S, 10]``.
    """
    xi = _normal(seeds, steps, runs).transpose(0, 1).to(device)

    def gradient(theta: Tensor, t: int) -> Tensor:
        return theta + xi[t] if noise == "additive" else theta * (1 + xi[t])

    path = gradient_descent(gradient, torch.full_like(xi[0], start), lr=schedule, steps=steps)
    last = path[-1]
    return {
        "bias": last.mean(1).cpu(),
        "variance": last.var(1, correction=0).cpu(),
        "mse": last.square().mean(1).cpu(),
        "path": path[..., :10].cpu(),
    }


def quartic(
    seeds: Sequence[int], schedule: Schedule, *, start: float = 4.0, steps: int = 100
) -> Tensor:
    """T2: share of 100 runs on θ⁴/4 with unit noise that leave every bound, ``[S]``.

    Its slope θ³ has no Lipschitz constant on the whole line.
    """
    xi = _normal(seeds, steps, 100).transpose(0, 1)
    path = gradient_descent(
        lambda theta, t: theta**3 + xi[t], torch.full_like(xi[0], start), lr=schedule, steps=steps
    )
    return (~(path[-1].abs() < 1e6)).double().mean(1)


def reshuffling(
    seeds: Sequence[int],
    *,
    shuffled: bool,
    samples: int = 32,
    lr: float = 0.05,
    epochs: int = 100,
    runs: int = 50,
) -> Tensor:
    """Squared distance to the mean of ``samples`` numbers after SGD on ½(θ − yᵢ)², ``[S]``.

    Each step takes one sample: from a new order each epoch, or drawn afresh. Numbers have mean 0
    and variance 1.
    """
    found = []
    for seed in seeds:
        g = torch.Generator().manual_seed(seed)
        y = torch.randn(samples, runs, generator=g, dtype=F64)
        y = (y - y.mean(0)) / y.std(0, correction=0)
        if shuffled:
            keys = torch.rand(epochs, samples, runs, generator=g)
            index = keys.argsort(1).flatten(0, 1)
        else:
            index = torch.randint(samples, (epochs * samples, runs), generator=g)
        chosen = y.gather(0, index)
        path = gradient_descent(
            lambda theta, t, chosen=chosen: theta - chosen[t],  # type: ignore[misc]
            torch.zeros(runs, dtype=F64),
            lr=lr,
            steps=len(index),
        )
        found.append(path[-1].square().mean())
    return torch.stack(found)


# --- networks ------------------------------------------------------------------------------------


def _parameters(networks: Perceptrons) -> list[Tensor]:
    return [*networks.weights, *networks.biases]


def train(
    networks: Perceptrons,
    x: Tensor,
    y: Tensor,
    *,
    lr: float,
    batch_size: int,
    steps: int,
    loss: Objective = cross_entropy,
    probe: Callable[[int], None] | None = None,
) -> None:
    """Plain SGD, all networks side by side, each on its own samples in its own order.

    Args:
        networks: what is trained.
        x: inputs ``[S, D, N]``.
        y: targets ``[S, N]``.
        lr: learning rate.
        batch_size: samples a step; with N the whole set is taken, in order.
        steps: number of steps. Each pass over the samples draws a new order.
        loss: (outputs, targets) -> ``[S]``.
        probe: called with the number of steps done, before the first and after each.
    """
    if probe:
        probe(0)
    fit(
        networks,
        x,
        y,
        optimizer=sgd(lr),
        steps=steps,
        batch_size=None if batch_size == x.shape[2] else batch_size,
        loss=loss,
        probe=(lambda step: probe(step + 1)) if probe else None,
    )


@torch.no_grad()
def _evaluate(networks: Perceptrons, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Loss and accuracy of each network, ``[S]``."""
    z = networks(x)
    loss = F.cross_entropy(z, y, reduction="none").double().mean(1)
    return loss.cpu(), (z.argmax(1) == y).double().mean(1).cpu()


def _flip(y: Tensor, share: float, generators: Sequence[torch.Generator]) -> Tensor:
    """Replace a share of the labels ``[S, N]`` by another class, at random."""
    flipped = y.clone()
    for labels, g in zip(flipped, generators, strict=True):
        wrong = (torch.rand(len(labels), generator=g) < share).to(y.device)
        other = torch.randint(1, 10, labels.shape, generator=g).to(y.device)
        labels.copy_(torch.where(wrong, (labels + other) % 10, labels))
    return flipped


def overfitting(
    seeds: Sequence[int],
    *,
    samples: int = 300,
    held_out: int = 500,
    flip: float = 0.2,
    width: int = 64,
    lr: float = 0.1,
    batch_size: int = 50,
    epochs: int = 100,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """GD1: loss and error along a training on data of which a share has a wrong label.

    Training, held-out and test samples all have wrong labels with probability ``flip``: they come
    from one distribution. Returns ``"epochs"`` ``[T]``; losses ``"train"``, ``"held out"`` and
    ``"test"``; and shares of the test samples: ``"error"``, answers that are not the label, and
    ``"mistaken"``, answers that are not the digit. Each ``[T, S]``.
    """
    x, y, x_test, digit = (t.to(device) for t in digits(tuple(seeds), True))
    networks = Perceptrons(seeds, (64, width, 10), device=device)
    y, y_test = (_flip(labels, flip, networks.generators) for labels in (y, digit))
    x, x_held = (part.contiguous() for part in (x[:, :, :samples], x[:, :, -held_out:]))
    y, y_held = y[:, :samples], y[:, -held_out:]
    per_epoch, course = samples // batch_size, []

    def look(step: int) -> None:
        if step % per_epoch == 0:
            held, _ = _evaluate(networks, x_held, y_held)
            test, right = _evaluate(networks, x_test, y_test)
            _, seen = _evaluate(networks, x_test, digit)
            loss, _ = _evaluate(networks, x, y)
            course.append(torch.stack([loss, held, test, 1 - right, 1 - seen]))

    train(networks, x, y, lr=lr, batch_size=batch_size, steps=epochs * per_epoch, probe=look)
    names = ("train", "held out", "test", "error", "mistaken")
    return {
        "epochs": torch.arange(epochs + 1),
        **dict(zip(names, torch.stack(course, 1), strict=True)),
    }


def at_stop(course: dict[str, Tensor], name: str) -> Tensor:
    """A value of :func:`overfitting` at the epoch of the smallest held-out loss, ``[S]``."""
    return course[name].gather(0, course["held out"].argmin(0, keepdim=True))[0]


def rate_sweep(
    seeds: Sequence[int],
    rates: Sequence[float],
    *,
    batch_size: int = 64,
    epochs: int = 5,
    width: int = 32,
    device: str = "cpu",
) -> Tensor:
    """Training loss after a few epochs of SGD with each rate, ``[len(rates), S]``."""
    x, y, *_ = (t.to(device) for t in digits(tuple(seeds), True))
    found = []
    for lr in rates:
        networks = Perceptrons(seeds, (64, width, 10), device=device)
        steps = epochs * (x.shape[2] // batch_size)
        train(networks, x, y, lr=lr, batch_size=batch_size, steps=steps)
        found.append(_evaluate(networks, x, y)[0])
    return torch.stack(found)


def first_epoch(seeds: Sequence[int], batch_size: int, lr: float, *, width: int = 32) -> Tensor:
    """Training loss after one pass over the digits, ``[S]``."""
    x, y, *_ = digits(tuple(seeds), True)
    networks = Perceptrons(seeds, (64, width, 10))
    train(networks, x, y, lr=lr, batch_size=batch_size, steps=x.shape[2] // batch_size)
    return _evaluate(networks, x, y)[0]


# --- minibatches ---------------------------------------------------------------------------------


def per_sample_gradients(
    seeds: Sequence[int], *, samples: int = 1024, width: int = 8, device: str = "cpu"
) -> Tensor:
    """Gradient of each sample's loss for a fresh network 64-width-10 on digits, ``[S, N, P]``."""
    x, y, *_ = (t.to(device) for t in digits(tuple(seeds), True))
    x, y = x[:, :, :samples], y[:, :samples]
    networks = Perceptrons(seeds, (64, width, 10), "tanh", device=device)
    with torch.no_grad():
        inputs, h = networks.hidden(x)
        z = torch.baddbmm(networks.biases[1], networks.weights[1], h)
        upper = z.softmax(1) - F.one_hot(y, 10).transpose(1, 2)  # ∂L/∂z, [S, 10, N]
        lower = (networks.weights[1].transpose(1, 2) @ upper) * (1 - h**2)
    pairs = ((lower, inputs), (upper, h))
    parts = [p for d, below in pairs for p in (torch.einsum("son,sin->snoi", d, below), d.mT)]
    return torch.cat([p.flatten(2) for p in parts], 2).double()


def minibatch_noise(
    gradients: Tensor,
    batch_sizes: Sequence[int],
    *,
    replacement: bool,
    draws: int = 100,
    seeds: Sequence[int],
) -> Tensor:
    """GD2: mean of ‖ĝ − g‖² over random minibatches, over σ²; ``[len(batch_sizes), S]``.

    Args:
        gradients: of the single samples, ``[S, N, P]``.
        batch_sizes: samples in a minibatch.
        replacement: whether a sample can come twice.
        draws: minibatches for each size.
        seeds: one generator each.
    """
    centred = gradients - gradients.mean(1, keepdim=True)
    variance = centred.square().sum(2).mean(1)  # σ², of one sample
    count = gradients.shape[1]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    found = []
    for size in batch_sizes:
        share = torch.zeros(len(generators), draws, count, dtype=F64)
        for s, g in enumerate(generators):
            for k in range(draws):
                if replacement:
                    chosen = torch.randint(count, (size,), generator=g)
                else:
                    chosen = torch.randperm(count, generator=g)[:size]
                share[s, k].index_add_(0, chosen, torch.full((size,), 1 / size, dtype=F64))
        noise = share.to(gradients.device) @ centred  # [S, draws, P]
        found.append((noise.square().sum(2).mean(1) / variance).cpu())
    return torch.stack(found)


def cost_of_a_step(
    batch_sizes: Sequence[int], *, width: int = 256, rounds: int = 15
) -> dict[int, float]:
    """CPU time of a gradient of a network 64-width-width-10, in seconds, the median of rounds."""
    x, y, *_ = digits((0,), True)
    networks = Perceptrons([0], (64, width, width, 10))
    parameters = _parameters(networks)
    seconds = {}
    for size in batch_sizes:
        times = []
        for turn in range(rounds + 2):  # two to warm up
            start = time.process_time()
            loss = cross_entropy(networks(x[:, :, :size]), y[:, :size]).sum()
            torch.autograd.grad(loss, parameters)
            if turn > 1:
                times.append(time.process_time() - start)
        seconds[size] = sorted(times)[rounds // 2]
    return seconds


# --- many minima ---------------------------------------------------------------------------------


def interpolators(
    seeds: Sequence[int],
    *,
    samples: int = 20,
    features: int = 60,
    spread: float = 1.0,
    steps: int = 2000,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """GD3: least squares with more weights than samples, from zero and from a random start.

    Targets come from a linear truth of norm 1 without noise. Returns, each ``[S]``: ``"loss"``,
    the larger of both training losses; ``"off minimum norm"``, distance of the solution from zero
    to the pseudo-inverse's; ``"risk from zero"`` and ``"risk from random"``, expected squared error
    on new inputs; ``"start"``, squared length of the random start.
    """
    draws = _normal(seeds, samples + 2, features).to(device)
    x, truth, start = draws[:, :-2], draws[:, -2, :, None], spread * draws[:, -1, :, None]
    truth = truth / truth.norm(dim=1, keepdim=True)
    start = start / math.sqrt(features)
    y = x @ truth
    k = torch.linalg.matrix_norm(x, ord=2)[:, None, None] ** 2 / samples

    def gradient(theta: Tensor, t: int) -> Tensor:
        return x.mT @ (x @ theta - y) / samples / k

    zero, random = (
        gradient_descent(gradient, theta, lr=1.0, steps=steps)[-1] for theta in (0 * start, start)
    )
    loss = [(x @ theta - y).square().mean((1, 2)) for theta in (zero, random)]
    return {
        "loss": torch.maximum(*loss).cpu(),
        "off minimum norm": (zero - torch.linalg.pinv(x) @ y).norm(dim=(1, 2)).cpu(),
        "risk from zero": (zero - truth).square().sum((1, 2)).cpu(),
        "risk from random": (random - truth).square().sum((1, 2)).cpu(),
        "start": start.square().sum((1, 2)).cpu(),
    }


def _clone(networks: Perceptrons, values: Sequence[Tensor]) -> Perceptrons:
    """Set all weights and biases, and return the networks."""
    with torch.no_grad():
        for parameter, value in zip(_parameters(networks), values, strict=True):
            parameter.copy_(value)
    return networks


def many_minima(
    seeds: Sequence[int],
    *,
    samples: int = 600,
    width: int = 32,
    lr: float = 0.3,
    batch_size: int = 50,
    epochs: int = 60,
    points: int = 21,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """GD3: two solutions for each seed from two starts, and a copy with its units permuted.

    Returns ``"share"`` ``[points]``, ``"other start"`` and ``"permuted"`` ``[points, S]``: training
    loss on the straight line from the first solution to the second and to the copy;
    ``"disagree"`` ``[S]``, share of test samples that the two solutions class differently; and
    ``"train"``, ``"test"`` ``[2, S]``, accuracies.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), True))
    x, y = x[:, :, :samples].contiguous(), y[:, :samples]
    solutions, accuracy = [], []
    for shift in (0, 500_000):
        networks = Perceptrons([seed + shift for seed in seeds], (64, width, 10), device=device)
        steps = epochs * (samples // batch_size)
        train(networks, x, y, lr=lr, batch_size=batch_size, steps=steps)
        solutions.append([p.detach().clone() for p in _parameters(networks)])
        with torch.no_grad():
            accuracy.append(networks(x_test).argmax(1))
    first, second = solutions
    turned = torch.stack(
        [torch.randperm(width, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    ).to(device)
    rows = turned[..., None]
    copy = [
        first[0].gather(1, rows.expand_as(first[0])),
        first[1].gather(2, turned[:, None].expand_as(first[1])),
        first[2].gather(1, rows.expand_as(first[2])),
        first[3],
    ]
    share = torch.linspace(0, 1, points)
    lines: dict[str, list[Tensor]] = {"other start": [], "permuted": []}
    for name, end in (("other start", second), ("permuted", copy)):
        for a in share.tolist():
            between = [(1 - a) * p + a * q for p, q in zip(first, end, strict=True)]
            lines[name].append(_evaluate(_clone(networks, between), x, y)[0])
    each = [_evaluate(_clone(networks, s), x, y)[1] for s in solutions]
    return {
        "share": share,
        **{name: torch.stack(values) for name, values in lines.items()},
        "disagree": (accuracy[0] != accuracy[1]).double().mean(1).cpu(),
        "train": torch.stack(each),
        "test": torch.stack([(a == y_test).double().mean(1).cpu() for a in accuracy]),
    }


def detour(
    seeds: Sequence[int],
    *,
    samples: int = 300,
    width: int = 64,
    lr: float = 0.3,
    batch_size: int = 50,
    epochs: int = 60,
    wrong_epochs: int = 200,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    """GD3: networks trained from the usual start, and from where random labels were fitted first.

    Both then see the same samples with the right labels. Returns, under ``"usual"`` and
    ``"detour"``, the training ``"loss"`` and the accuracies ``"train"`` and ``"test"``, ``[S]``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds), True))
    x, y = x[:, :, :samples].contiguous(), y[:, :samples]
    per_epoch, found = samples // batch_size, {}
    for name in ("usual", "detour"):
        networks = Perceptrons(seeds, (64, width, 10), device=device)
        if name == "detour":
            draws = [torch.randint(10, (samples,), generator=g) for g in networks.generators]
            wrong, steps = torch.stack(draws).to(device), wrong_epochs * per_epoch
            train(networks, x, wrong, lr=lr, batch_size=batch_size, steps=steps)
        train(networks, x, y, lr=lr, batch_size=batch_size, steps=epochs * per_epoch)
        loss, accuracy = _evaluate(networks, x, y)
        test = _evaluate(networks, x_test, y_test)[1]
        found[name] = {"loss": loss, "train": accuracy, "test": test}
    return found


# --- curvature along a training ------------------------------------------------------------------


def _square_loss(outputs: Tensor, y: Tensor) -> Tensor:
    """Half the squared distance to the one-hot target, its mean over samples, ``[S]``."""
    target = F.one_hot(y, 10).transpose(1, 2)
    return (outputs - target).square().sum(1).mean(1) / 2


def top_curvature(
    networks: Perceptrons,
    x: Tensor,
    y: Tensor,
    vectors: list[Tensor],
    *,
    loss: Objective = _square_loss,
    iterations: int = 20,
) -> Tensor:
    """Spectral norm of the loss's Hessian for each network, ``[S]``, by power iteration.

    It is the largest size of an eigenvalue, so the local Lipschitz constant of the gradient, from
    below: ‖Hv‖ for the unit vector v reached. ``vectors`` are the starting directions, one for each
    parameter; they are left at Hv, for the next call to start from.
    """
    parameters = _parameters(networks)
    gradients = torch.autograd.grad(
        loss(networks(x), y).sum(), parameters, create_graph=True, materialize_grads=True
    )
    value = torch.zeros(x.shape[0])
    for _ in range(iterations):
        size = torch.stack([v.square().sum((1, 2)) for v in vectors]).sum(0).sqrt()
        for v in vectors:
            v.div_(size[:, None, None])
        products = torch.autograd.grad(
            gradients, parameters, grad_outputs=vectors, retain_graph=True
        )
        value = torch.stack([p.square().sum((1, 2)) for p in products]).sum(0).sqrt()
        for v, p in zip(vectors, products, strict=True):
            v.copy_(p)
    return value.detach()


def sharpness_course(
    seeds: Sequence[int],
    lr: float,
    *,
    samples: int = 200,
    width: int = 32,
    steps: int = 1500,
    every: int = 50,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """GD5: curvature and loss along gradient descent on all samples at once.

    Returns ``"steps"`` ``[T]``, ``"curvature"`` (spectral norm of the Hessian) and ``"loss"``
    (of the training set), each ``[T, S]``.
    """
    x, y, *_ = (t.to(device) for t in digits(tuple(seeds), True))
    x, y = x[:, :, :samples].contiguous(), y[:, :samples]
    networks = Perceptrons(seeds, (64, width, 10), "tanh", device=device)
    vectors = [
        torch.stack([torch.randn(p.shape[1:], generator=g) for g in networks.generators]).to(device)
        for p in _parameters(networks)
    ]
    course: list[tuple[Tensor, Tensor]] = []

    def look(step: int) -> None:
        if step % every == 0:
            value = top_curvature(networks, x, y, vectors, iterations=20 if course else 60)
            with torch.no_grad():
                course.append((value.double().cpu(), _square_loss(networks(x), y).double().cpu()))

    train(networks, x, y, lr=lr, batch_size=samples, steps=steps, loss=_square_loss, probe=look)
    curvature, loss = (torch.stack(part) for part in zip(*course, strict=True))
    return {
        "steps": torch.arange(len(course)) * every,
        "curvature": curvature,
        "loss": loss,
    }


def full_batch_losses(
    seeds: Sequence[int], lr: float, *, samples: int = 200, width: int = 32, steps: int = 400
) -> Tensor:
    """Training loss before each step of the training of :func:`sharpness_course`, and after the
    last, ``[steps + 1, S]``."""
    x, y, *_ = digits(tuple(seeds), True)
    x, y = x[:, :, :samples].contiguous(), y[:, :samples]
    networks = Perceptrons(seeds, (64, width, 10), "tanh")
    losses: list[Tensor] = []

    def look(step: int) -> None:
        with torch.no_grad():
            losses.append(_square_loss(networks(x), y).double())

    train(networks, x, y, lr=lr, batch_size=samples, steps=steps, loss=_square_loss, probe=look)
    return torch.stack(losses)


# --- T6: batch size and generalization -----------------------------------------------------------


def batch_size_race(
    seeds: Sequence[int],
    batch_size: int,
    *,
    steps: int,
    rates: Sequence[float],
    samples: int = 256,
    held_out: int = 512,
    width: int = 32,
    starts: int = 3,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """T6: test accuracy after a fixed number of steps, with the rate tuned for the batch size.

    Each seed is a split of the digits and ``starts`` networks. The rate with the best mean accuracy
    on held-out samples, over all seeds, is taken; test samples decide nothing. Returns ``"held
    out"``, that mean for each rate; ``"rate"``, the best one; and with it the accuracies ``"test"``
    and ``"train"``, each a mean over the starts, ``[S]``.
    """
    split = digits(tuple(seeds), True)
    x, y, x_test, y_test = (t.repeat_interleave(starts, 0).to(device) for t in split)
    each = [seed + 500_000 * k for seed in seeds for k in range(starts)]
    x_held, y_held = x[:, :, -held_out:], y[:, -held_out:]
    x, y = x[:, :, :samples].contiguous(), y[:, :samples]
    held, tried = [], []
    for lr in rates:
        networks = Perceptrons(each, (64, width, 10), device=device)
        train(networks, x, y, lr=lr, batch_size=batch_size, steps=steps)
        held.append(_evaluate(networks, x_held, y_held)[1].mean())
        sets = {"test": (x_test, y_test), "train": (x, y)}
        accuracies = {name: _evaluate(networks, *pair)[1] for name, pair in sets.items()}
        tried.append({n: v.view(len(seeds), starts).mean(1) for n, v in accuracies.items()})
    best = int(torch.stack(held).argmax())
    rate = torch.tensor(rates[best], dtype=F64)
    return {**tried[best], "held out": torch.stack(held), "rate": rate}


def largest_rate() -> dict[str, float]:
    """The bounds 2/K for the slide's function: with K of the slide, of f, and of its slope."""
    k = lipschitz_constants(lecture_function, -math.pi, math.pi)
    return {"slide": 2 / 4, "function": 2 / k.function, "gradient": k.largest_lr}

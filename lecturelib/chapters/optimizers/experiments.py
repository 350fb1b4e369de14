r"""Experiments on optimizers: settings and seeds in, one value per seed out.

The seeds are carried as a **leading tensor axis**: starts of a quadratic have shape ``[S, D]``,
networks train side by side with activations ``[S, D, B]``. The optimizers are the library's own; as
their rules are elementwise, no seed sees another's gradient.

Claims T3, T4, T5 and R8; explained in the chapter ``optimizers``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lecturelib import schedules
from lecturelib.experiments.networks import accuracy, cross_entropy, fit
from lecturelib.experiments.perceptrons import Perceptrons, digits
from lecturelib.optimizers import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop

__all__ = [
    "DEFAULTS",
    "RATES",
    "SOLVERS",
    "Solver",
    "UncorrectedAdam",
    "choose",
    "condition_numbers",
    "decay_distances",
    "defaults",
    "descend",
    "exact_facts",
    "first_steps",
    "make",
    "noise_floor",
    "path",
    "root_modulus",
    "rotated_steps",
    "scheduled",
    "solver_grid",
    "spectrum",
    "stationary_variance",
    "steps_until",
    "train",
    "tuned",
    "tuned_quadratic",
    "uncorrected_runs",
]

Solver = Callable[[Iterable[Any], float], torch.optim.Optimizer]

SOLVERS: dict[str, Solver] = {
    "SGD": lambda params, lr: SGD(params, lr),
    "momentum": lambda params, lr: SGD(params, lr, momentum=0.9),
    "Nesterov": lambda params, lr: SGD(params, lr, momentum=0.9, nesterov=True),
    "AdaGrad": lambda params, lr: Adagrad(params, lr),
    "AdaDelta": lambda params, lr: Adadelta(params, lr),
    "RMSProp": lambda params, lr: RMSprop(params, lr),
    "Adam": lambda params, lr: Adam(params, lr),
}
"""The chapter's methods, each with PyTorch's options but for the learning rate."""

DEFAULTS = {
    "SGD": 1e-3,
    "momentum": 1e-3,
    "Nesterov": 1e-3,
    "AdaGrad": 1e-2,
    "AdaDelta": 1.0,
    "RMSProp": 1e-2,
    "Adam": 1e-3,
}
"""The learning rates with which PyTorch's constructors come."""

RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""The grid of learning rates: as many as there are solvers; the defaults are among them."""


class UncorrectedAdam(Adam):
    """Adam without the correction of its means for their start at zero.

    The corrections :math:`1 - \\beta^t` are 1 in the limit of late steps: each step counts as one.
    """

    def _advance(self, p: Tensor, names: Sequence[str]) -> tuple[float, list[Tensor]]:
        return math.inf, super()._advance(p, names)[1]


def make(name: str, params: Iterable[Any], lr: float) -> torch.optim.Optimizer:
    """An optimizer of the chapter by its name.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in SOLVERS:
        raise ValueError(f"make: no solver {name!r}; there are {', '.join(SOLVERS)}")
    return SOLVERS[name](params, lr)


# --- quadratics ----------------------------------------------------------------------------------


def spectrum(kappa: float, dimension: int = 10) -> Tensor:
    """Curvatures from 1/κ to 1, evenly spread on a logarithmic axis.

    >>> spectrum(100.0, 3)
    tensor([0.0100, 0.1000, 1.0000], dtype=torch.float64)
    """
    return torch.logspace(-math.log10(kappa), 0, dimension, dtype=torch.float64)


def descend(
    optimizer: Callable[[list[Tensor]], torch.optim.Optimizer],
    curvature: Tensor,
    start: Tensor,
    *,
    steps: int,
    noise: Callable[[int], Tensor] | None = None,
    rate: Callable[[int], float] | None = None,
) -> Tensor:
    r"""Points ``[steps + 1, S, D]`` on :math:`\tfrac12\sum_i\lambda_i\theta_i^2`.

    Args:
        optimizer: makes the optimizer of a list of parameters.
        curvature: the :math:`\lambda_i`, ``[D]``.
        start: ``[S, D]``, float64.
        steps: number of steps.
        noise: what is added to the gradient of each step, by its number.
        rate: factor of the learning rate, by the number of the step.
    """
    theta = start.clone().requires_grad_()
    method = optimizer([theta])
    full = [group["lr"] for group in method.param_groups]
    points = start.new_empty((steps + 1, *start.shape))
    points[0] = start
    for t in range(steps):
        if rate is not None:
            for group, lr in zip(method.param_groups, full, strict=True):
                group["lr"] = lr * rate(t)
        g = curvature * points[t]
        theta.grad = g if noise is None else g + noise(t)
        method.step()
        points[t + 1] = theta.detach()
    return points


def tuned_quadratic(method: str, kappa: float) -> tuple[float, float, float]:
    r"""Learning rate, momentum and rate of contraction for curvatures in [1/κ, 1].

    Gradient descent: :math:`\eta = 2/(L+\mu)`, rate :math:`(\kappa-1)/(\kappa+1)`. Heavy ball:
    :math:`\eta = 4/(\sqrt L+\sqrt\mu)^2`, :math:`\alpha` the square of the rate
    :math:`(\sqrt\kappa-1)/(\sqrt\kappa+1)`. Nesterov: :math:`\eta = 1/L`,
    :math:`\alpha = (\sqrt\kappa-1)/(\sqrt\kappa+1)`, rate :math:`1-1/\sqrt\kappa`.

    >>> tuned_quadratic("momentum", 9.0)[2]
    0.5
    """
    root = math.sqrt(kappa)
    rho = (root - 1) / (root + 1)
    if method == "SGD":
        return 2 / (1 + 1 / kappa), 0.0, (kappa - 1) / (kappa + 1)
    if method == "momentum":
        return 4 / (1 + 1 / root) ** 2, rho**2, rho
    if method == "Nesterov":
        return 1.0, rho, 1 - 1 / root
    raise ValueError(f"tuned_quadratic: method must be SGD, momentum or Nesterov, got {method!r}")


def _momentum(lr: float, alpha: float, nesterov: bool) -> Callable[[list[Tensor]], SGD]:
    return lambda params: SGD(params, lr, momentum=alpha, nesterov=nesterov and alpha > 0)


def path(method: str, curvature: Tensor, start: Tensor, *, lr: float, steps: int) -> Tensor:
    """Points ``[steps + 1, D]`` of one of the chapter's methods on a quadratic."""
    return descend(lambda params: make(method, params, lr), curvature, start[None], steps=steps)[
        :, 0
    ]


def rotated_steps(
    name: str,
    degrees: float,
    *,
    kappa: float = 100.0,
    lrs: Sequence[float] = (0.01, 0.03, 0.1, 0.3, 1.0, 1.9, 3.0, 10.0),
    target: float = 1e-4,
    limit: int = 2_000,
) -> float:
    """Fewest steps, over the learning rates, to a share of the first loss in a turned valley.

    The valley ½θᵀAθ has curvatures 1/κ and 1; its axes are turned against the coordinates.
    Infinite if no rate gets there within the limit.

    >>> rotated_steps("SGD", 0.0) == rotated_steps("SGD", 45.0)
    True
    """
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    a = turn @ torch.diag(spectrum(kappa, 2)) @ turn.T
    start = turn @ torch.tensor([10.0, 1.0], dtype=torch.float64)
    best = math.inf
    for lr in lrs:
        theta = start.clone().requires_grad_()
        optimizer = make(name, [theta], lr)
        for t in range(1, limit + 1):
            theta.grad = a @ theta.detach()
            optimizer.step()
            place = theta.detach()
            ratio = ((place @ a @ place) / (start @ a @ start)).item()
            if ratio < target:
                best = min(best, t)
            if ratio < target or ratio > 1e6 or t >= best:
                break
    return best


def _starts(seeds: Sequence[int], dimension: int) -> Tensor:
    draws = [
        torch.randn(dimension, generator=torch.Generator().manual_seed(s), dtype=torch.float64)
        for s in seeds
    ]
    return torch.stack(draws)


def steps_until(losses: Tensor, target: float) -> Tensor:
    """First step, ``[S]``, from which the loss ``[steps + 1, S]`` stays below a share of its start.

    >>> steps_until(torch.tensor([[1.0], [0.2], [0.05], [0.01]]), 0.1)
    tensor([2.], dtype=torch.float64)
    """
    above = losses > target * losses[0]
    last = above.shape[0] - above.flip(0).to(torch.int8).argmax(0)
    return torch.where(last == above.shape[0], math.inf, last.double())


def condition_numbers(
    seeds: Sequence[int],
    kappas: Sequence[float] = (10.0, 100.0, 1000.0),
    *,
    dimension: int = 10,
    target: float = 1e-10,
    plain: tuple[float, float] | None = None,
) -> dict[str, Tensor]:
    """T3: steps until the loss has fallen by ``target``, ``[kappas, S]``, each method tuned.

    Args:
        seeds: one random start each.
        kappas: condition numbers.
        dimension: number of curvatures.
        target: share of the first loss.
        plain: learning rate and momentum for all condition numbers instead of the best ones.
    """
    start = _starts(seeds, dimension)
    found: dict[str, list[Tensor]] = {"SGD": [], "momentum": [], "Nesterov": []}
    for kappa in kappas:
        curvature = spectrum(kappa, dimension)
        for method, rows in found.items():
            lr, alpha, rho = tuned_quadratic(method, kappa)
            steps = math.ceil(0.8 * math.log(target) / math.log(max(rho, 0.5))) + 60
            if plain is not None:
                lr, alpha, steps = plain[0], plain[1] * (method != "SGD"), 2_000
            points = descend(
                _momentum(lr, alpha, method == "Nesterov"), curvature, start, steps=steps
            )
            rows.append(steps_until((curvature * points**2).sum(-1) / 2, target))
    return {method: torch.stack(rows) for method, rows in found.items()}


def root_modulus(h: Tensor, alpha: float, *, nesterov: bool = False) -> Tensor:
    r"""Contraction a step along a direction with :math:`h = \eta\lambda`: the larger root.

    Heavy ball: :math:`z^2 - (1+\alpha-h)z + \alpha`; Nesterov:
    :math:`z^2 - (1+\alpha)(1-h)z + \alpha(1-h)`.

    >>> root_modulus(torch.tensor([1.0]), 0.25)
    tensor([0.5000])
    """
    trace = (1 + alpha) * (1 - h) if nesterov else 1 + alpha - h
    product = alpha * (1 - h) if nesterov else torch.full_like(h, alpha)
    inside = trace**2 - 4 * product
    real = (trace.abs() + inside.clamp(min=0).sqrt()) / 2
    return torch.where(inside < 0, product.abs().sqrt(), real)


def stationary_variance(lr: float, alpha: float, curvature: float, noise: float) -> float:
    r"""Variance that constant noise keeps up: heavy ball, in the long run.

    .. math::
        \operatorname{Var}\theta = \frac{\eta(1+\alpha)\,\sigma^2}
            {\lambda(1-\alpha)\,\bigl(2(1+\alpha)-\eta\lambda\bigr)}

    >>> stationary_variance(0.1, 0.0, 1.0, 1.0) == 0.1 / 1.9
    True
    """
    above = lr * (1 + alpha) * noise**2
    return above / (curvature * (1 - alpha) * (2 * (1 + alpha) - lr * curvature))


def noise_floor(
    seeds: Sequence[int],
    *,
    lr: float = 0.1,
    alpha: float = 0.9,
    noise: float = 1.0,
    copies: int = 50,
    steps: int = 600,
    schedule: schedules.Schedule | None = None,
    start: float = 10.0,
) -> Tensor:
    """Mean square distance to the minimum of θ²/2, ``[steps + 1, S]``, with noisy gradients.

    Each seed has ``copies`` walkers, over which the mean is taken.
    """
    generators = [torch.Generator().manual_seed(s) for s in seeds]

    def draw(t: int) -> Tensor:
        rows = [torch.randn(copies, generator=g, dtype=torch.float64) for g in generators]
        return noise * torch.stack(rows)

    points = descend(
        _momentum(lr, alpha, False),
        torch.ones(copies, dtype=torch.float64),
        torch.full((len(seeds), copies), start, dtype=torch.float64),
        steps=steps,
        noise=draw,
        rate=schedule,
    )
    return points.square().mean(-1)


# --- T3, T4: exact facts -------------------------------------------------------------------------


def exact_facts(seeds: Sequence[int], *, device: str = "cpu") -> dict[str, Tensor]:
    """T3: relative errors of two statements on momentum, ``[S]``, in float64.

    ``"limit"``: the velocity under a constant gradient against g/(1 − α). ``"look ahead"``: the
    parameters of SGD with Nesterov momentum against θ − ηαv of the recursion that takes the
    gradient there, over 50 steps on a random quadratic. ``"slide"``: the same against the recursion
    with the gradient at θ − ηv.
    """
    found: dict[str, list[float]] = {"limit": [], "look ahead": [], "slide": []}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        u = torch.rand(2, generator=generator, dtype=torch.float64)
        lr, alpha = 0.02 + 0.1 * u[0].item(), 0.5 + 0.45 * u[1].item()
        g = torch.randn(5, generator=generator, dtype=torch.float64).to(device)
        theta = torch.zeros_like(g).requires_grad_()
        optimizer = SGD([theta], lr, momentum=alpha)
        for _ in range(1_000):
            theta.grad = g
            optimizer.step()
        v = optimizer.state[theta]["momentum_buffer"]
        found["limit"].append(_relative(v, g / (1 - alpha)))
        curvature = torch.rand(5, generator=generator, dtype=torch.float64).to(device) + 0.1
        for name, ahead in (("look ahead", alpha), ("slide", 1.0)):
            found[name].append(_look_ahead(curvature, g, lr, alpha, ahead))
    return {name: torch.tensor(values, dtype=torch.float64) for name, values in found.items()}


def _relative(value: Tensor, wanted: Tensor) -> float:
    return ((value - wanted).norm() / wanted.norm()).item()


def _look_ahead(curvature: Tensor, start: Tensor, lr: float, alpha: float, ahead: float) -> float:
    """Distance of SGD(nesterov=True) to the two-line recursion, at the place of the gradient."""
    theta = start.clone().requires_grad_()
    optimizer = SGD([theta], lr, momentum=alpha, nesterov=True)
    phi, v = start.clone(), torch.zeros_like(start)
    for _ in range(50):
        v = alpha * v + curvature * (phi - lr * ahead * v)
        phi = phi - lr * v
        theta.grad = curvature * theta.detach()
        optimizer.step()
    return _relative(theta.detach(), phi - lr * alpha * v)


def first_steps(
    name: str, g: float = 1.0, *, lr: float = 1.0, steps: int = 1, **options: Any
) -> Tensor:
    """Sizes of the steps, ``[steps]``, under a constant gradient, in float64."""
    kinds: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "SGD": SGD,
        "momentum": lambda params, lr: SGD(params, lr, momentum=0.9),
        "AdaGrad": Adagrad,
        "AdaDelta": Adadelta,
        "RMSProp": RMSprop,
        "Adam": Adam,
        "uncorrected Adam": UncorrectedAdam,
    }
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = kinds[name]([theta], lr, **options)
    places = [0.0]
    for _ in range(steps):
        theta.grad = torch.full((1,), g, dtype=torch.float64)
        optimizer.step()
        places.append(theta.item())
    return torch.tensor(places, dtype=torch.float64).diff().abs()


# --- digits --------------------------------------------------------------------------------------


def train(
    networks: Perceptrons,
    x: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    *,
    epochs: int,
    batch_size: int = 64,
    schedule: schedules.Schedule | None = None,
    after_epoch: Callable[[Tensor], None] | None = None,
) -> Tensor:
    """Train all networks, each on its own samples in its own order; losses ``[steps, S]``.

    The losses are summed over the seeds, so no network sees another's gradient.

    Args:
        networks: what is trained.
        x: inputs ``[S, D, N]``.
        y: classes ``[S, N]``.
        optimizer: of the networks' parameters.
        epochs: passes over the samples.
        batch_size: samples a step; a last incomplete batch is left out.
        schedule: factor of the learning rate by the number of the step.
        after_epoch: called with the mean losses ``[S]`` of each pass.
    """
    per_epoch, course = x.shape[2] // batch_size, []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        value = cross_entropy(outputs, targets)
        course.append(value.detach())
        return value

    def probe(step: int) -> None:
        if after_epoch is not None and (step + 1) % per_epoch == 0:
            after_epoch(torch.stack(course[-per_epoch:]).mean(0))

    return fit(
        networks,
        x,
        y,
        optimizer=lambda parameters: optimizer,
        steps=epochs * per_epoch,
        batch_size=batch_size,
        loss=loss,
        rate=schedule,
        probe=probe,
    )


def _held_out(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The first four fifths to learn from, the last fifth to choose by; the split is shuffled."""
    kept = x.shape[2] * 4 // 5
    return x[:, :, :kept].contiguous(), y[:, :kept], x[:, :, kept:], y[:, kept:]


def solver_grid(
    seeds: Sequence[int],
    *,
    rates: Sequence[float] = RATES,
    epochs: int = 10,
    width: int = 32,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    """T5: accuracy of each solver at each learning rate, ``[rates, S]``.

    Returns for each solver ``"validation"``, on a fifth of the training samples that is held out,
    and ``"test"``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds)))
    x, y, x_held, y_held = _held_out(x, y)
    found: dict[str, dict[str, Tensor]] = {}
    for name in SOLVERS:
        held, test = [], []
        for lr in rates:
            networks = Perceptrons(seeds, (64, width, width, 10), device=device)
            optimizer = make(name, networks.parameters(), lr)
            train(networks, x, y, optimizer, epochs=epochs, batch_size=batch_size)
            held.append(accuracy(networks, x_held, y_held, finite=True).cpu())
            test.append(accuracy(networks, x_test, y_test, finite=True).cpu())
        found[name] = {"validation": torch.stack(held), "test": torch.stack(test)}
    return found


def choose(validation: Tensor, test: Tensor) -> Tensor:
    """Test accuracy ``[S]`` of the candidate, among the rows, that is best in validation.

    Ties are broken by the order of the rows.

    >>> choose(torch.tensor([[0.9], [0.8]]), torch.tensor([[0.7], [0.95]]))
    tensor([0.7000])
    """
    return test.gather(0, validation.argmax(0, keepdim=True))[0]


def tuned(grid: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Test accuracy ``[S]`` of each solver at the rate that is best in validation on that seed."""
    return {name: choose(found["validation"], found["test"]) for name, found in grid.items()}


def defaults(
    grid: Mapping[str, Mapping[str, Tensor]], rates: Sequence[float] = RATES
) -> dict[str, Tensor]:
    """Accuracy of each solver at PyTorch's default rate, ``[solvers, S]``, out of a grid.

    Raises:
        ValueError: if a default is not among the rates.
    """
    rows = [list(rates).index(DEFAULTS[name]) for name in grid]
    return {
        kind: torch.stack(
            [found[kind][row] for found, row in zip(grid.values(), rows, strict=True)]
        )
        for kind in ("validation", "test")
    }


def decay_distances(
    seeds: Sequence[int],
    *,
    decay: float = 0.01,
    multiples: Sequence[float] = (1.0, 10.0, 100.0),
    epochs: int = 5,
    width: int = 32,
    batch_size: int = 64,
    device: str = "cpu",
) -> dict[str, Tensor]:
    """R8: weights after weight decay against weights after an L2 penalty, ``[1 + multiples, S]``.

    All runs of a method start alike and see the same batches, in float64. The penalty adds λθ to
    the gradient; weight decay multiplies the weights by 1 − ηλ' before each step, with λ' a
    multiple of λ. A distance is divided by what the penalty does: the distance between its weights
    and those of a run with neither.

    Args:
        seeds: one network each.
        decay: λ.
        multiples: λ'/λ, one row each.
        epochs: passes over the samples.
        width: units of the hidden layer.
        batch_size: samples a step.
        device: where it runs.

    Returns:
        Distances ``[multiples, S]`` for ``"SGD"``, ``"momentum"`` and ``"Adam"``.
    """
    x, y, *_ = (t.to(device) for t in digits(tuple(seeds)))
    x = x.double()
    rates = {"SGD": 0.1, "momentum": 0.01, "Adam": 1e-3}

    def run(name: str, penalty: float, shrink: float) -> Tensor:
        networks = Perceptrons(seeds, (64, width, 10), device=device).double()
        parameters = [*networks.weights, *networks.biases]
        optimizer = _with_decay(name, parameters, rates[name], penalty, shrink)
        train(networks, x, y, optimizer, epochs=epochs, batch_size=batch_size)
        return torch.cat([p.detach().flatten(1) for p in parameters], 1)

    found = {}
    for name in rates:
        penalized, free = run(name, decay, 0.0), run(name, 0.0, 0.0)
        effect = (penalized - free).norm(dim=1)
        decayed = [run(name, 0.0, decay * multiple) for multiple in multiples]
        gaps = [(weights - penalized).norm(dim=1) / effect for weights in decayed]
        found[name] = torch.stack(gaps).cpu()
    return found


def _with_decay(
    name: str, parameters: list[Any], lr: float, penalty: float, decay: float
) -> torch.optim.Optimizer:
    """An optimizer with an L2 penalty in its gradient, or weight decay beside it."""
    if name == "Adam":
        if decay:
            return AdamW(parameters, lr, weight_decay=decay)
        return Adam(parameters, lr, weight_decay=penalty)
    momentum = 0.9 if name == "momentum" else 0.0
    optimizer = SGD(parameters, lr, momentum=momentum, weight_decay=penalty)
    if decay:

        def shrink(*_: Any) -> None:
            with torch.no_grad():
                for p in parameters:
                    p.mul_(1 - lr * decay)  # θ ← θ − η λ' θ

        optimizer.register_step_pre_hook(shrink)
    return optimizer


def uncorrected_runs(
    seeds: Sequence[int], *, lr: float = 1e-2, epochs: int = 3, beta2: float = 0.999
) -> dict[str, Tensor]:
    """Training loss ``[steps, S]`` of Adam with and without bias correction, on the digits."""
    x, y, *_ = digits(tuple(seeds))
    found = {}
    for name, kind in (("Adam", Adam), ("uncorrected", UncorrectedAdam)):
        networks = Perceptrons(seeds)
        optimizer = kind(networks.parameters(), lr, betas=(0.9, beta2))
        found[name] = train(networks, x, y, optimizer, epochs=epochs)
    return found


def scheduled(
    seeds: Sequence[int], *, lr: float = 0.05, epochs: int = 8, batch_size: int = 16
) -> dict[str, dict[str, Tensor]]:
    """Final training loss and test accuracy, ``[S]``, of momentum under each schedule, digits.

    The plateau schedule watches one run's loss, so its seeds train one at a time.
    """
    x, y, x_test, y_test = digits(tuple(seeds))
    total = epochs * (x.shape[2] // batch_size)
    rise = total // 10
    plans: dict[str, schedules.Schedule | None] = {
        "constant": None,
        "linear decay": schedules.linear_decay(total),
        "steps": schedules.step_decay(math.ceil(total / 3), gamma=0.1),
        "cosine": schedules.cosine_decay(total),
        "warm-up, cosine": schedules.warmup(rise, schedules.cosine_decay(total - rise)),
        "cyclic": schedules.cyclic(0.01, total // 8, mode="triangular2"),
    }
    found = {}
    for name, plan in plans.items():
        networks = Perceptrons(seeds)
        optimizer = make("momentum", networks.parameters(), lr)
        train(networks, x, y, optimizer, epochs=epochs, batch_size=batch_size, schedule=plan)
        found[name] = _result(networks, x, y, x_test, y_test)
    rows = []
    for i, seed in enumerate(seeds):
        networks = Perceptrons([seed])
        optimizer = make("momentum", networks.parameters(), lr)
        plateau = schedules.ReduceOnPlateau(optimizer, patience=0, threshold=0.1)
        one = slice(i, i + 1)
        train(
            networks,
            x[one],
            y[one],
            optimizer,
            epochs=epochs,
            batch_size=batch_size,
            after_epoch=lambda loss, plateau=plateau: plateau.step(loss.item()),  # type: ignore[misc]
        )
        rows.append(_result(networks, x[one], y[one], x_test[one], y_test[one]))
    found["plateau"] = {key: torch.cat([row[key] for row in rows]) for key in rows[0]}
    return found


@torch.no_grad()
def _result(
    networks: Perceptrons, x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor
) -> dict[str, Tensor]:
    loss = F.cross_entropy(networks(x), y, reduction="none").mean(1)
    return {
        "loss": loss.double(),
        "accuracy": accuracy(networks, x_test, y_test, finite=True).cpu(),
    }

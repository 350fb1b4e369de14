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
    "ENDS",
    "OPENING",
    "PLANS",
    "QUARTERS",
    "RATES",
    "SOLVERS",
    "NoisyPerceptrons",
    "Solver",
    "UncorrectedAdam",
    "choose",
    "condition_numbers",
    "decay_distances",
    "defaults",
    "descend",
    "exact_facts",
    "first_steps",
    "hundred_steps",
    "make",
    "misplaced",
    "noise_floor",
    "path",
    "root_modulus",
    "schedule_ends",
    "solver_grid",
    "spectrum",
    "stationary_variance",
    "steps_below",
    "steps_until",
    "train",
    "training_losses",
    "tuned",
    "tuned_quadratic",
    "turned_valleys",
    "uncorrected_runs",
    "warmed_up",
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

RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""The grid of learning rates; the defaults are among them."""

QUARTERS = tuple(10 ** (quarter / 4) for quarter in range(-12, 11))
"""Learning rates from 0.001 to 316, four a decade."""


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
    r"""Best learning rate and momentum for curvatures in [1/κ, 1], and the factor they reach.

    Gradient descent: :math:`\eta = 2/(K+\lambda)`, factor :math:`(\kappa-1)/(\kappa+1)`. Heavy
    ball: :math:`\eta = 4/(\sqrt K+\sqrt\lambda)^2`, :math:`\alpha` the square of the factor
    :math:`(\sqrt\kappa-1)/(\sqrt\kappa+1)`. Nesterov: :math:`\eta = 4/(3K+\lambda)`,
    :math:`\alpha = (\sqrt{3\kappa+1}-2)/(\sqrt{3\kappa+1}+2)`, factor
    :math:`1-2/\sqrt{3\kappa+1}`; :math:`\lambda` is the smallest curvature.

    >>> tuned_quadratic("momentum", 9.0)[2]
    0.5

    Source: Lessard, Recht and Packard (2016), proposition 1.
    """
    root = math.sqrt(kappa)
    rho = (root - 1) / (root + 1)
    if method == "SGD":
        return 2 / (1 + 1 / kappa), 0.0, (kappa - 1) / (kappa + 1)
    if method == "momentum":
        return 4 / (1 + 1 / root) ** 2, rho**2, rho
    if method == "Nesterov":
        wide = math.sqrt(3 * kappa + 1)
        return 4 / (3 + 1 / kappa), (wide - 2) / (wide + 2), 1 - 2 / wide
    raise ValueError(f"tuned_quadratic: method must be SGD, momentum or Nesterov, got {method!r}")


def _momentum(lr: float, alpha: float, nesterov: bool) -> Callable[[list[Tensor]], SGD]:
    return lambda params: SGD(params, lr, momentum=alpha, nesterov=nesterov and alpha > 0)


def path(method: str, curvature: Tensor, start: Tensor, *, lr: float, steps: int) -> Tensor:
    """Points ``[steps + 1, D]`` of one of the chapter's methods on a quadratic."""
    return descend(lambda params: make(method, params, lr), curvature, start[None], steps=steps)[
        :, 0
    ]


def turned_valleys(
    seeds: Sequence[int],
    *,
    kappa: float = 100.0,
    dimension: int = 10,
    rates: Sequence[float] = QUARTERS,
    target: float = 1e-4,
    limit: int = 3_000,
    solvers: Mapping[str, Solver] | None = None,
) -> dict[str, dict[str, Tensor]]:
    """Steps to a share of the first loss, in valleys along the axes and in turned ones.

    Each seed has a start and a rotation. The turned valley ½θᵀQΛQᵀθ begins at Q times the start,
    so that both are one problem in other coordinates. A solver gets the best learning rate of the
    grid for each of the two and for each seed.

    Args:
        seeds: one start and one rotation each.
        kappa: condition number.
        dimension: number of parameters.
        rates: the grid of learning rates.
        target: share of the first loss.
        limit: steps after which a run counts as infinite.
        solvers: the chapter's, if nothing is said.

    Returns:
        For each solver, all ``[S]``: ``"along"`` and ``"turned"``, the steps; ``"rate along"`` and
        ``"rate turned"``, the rates that were best.
    """
    curvature, start = torch.diag(spectrum(kappa, dimension)), _starts(seeds, dimension)
    turn = torch.stack([_rotation(seed, dimension) for seed in seeds])
    problems = {
        "along": (curvature.expand_as(turn), start),
        "turned": (turn @ curvature @ turn.mT, (turn @ start[..., None])[..., 0]),
    }
    found: dict[str, dict[str, Tensor]] = {}
    for name, solver in (SOLVERS if solvers is None else solvers).items():
        found[name] = {}
        for place, (a, first) in problems.items():
            rate, steps = _best_rates(solver, a, first, rates, target, limit)
            found[name] |= {place: steps, f"rate {place}": rate}
    return found


def _rotation(seed: int, dimension: int) -> Tensor:
    """A random orthogonal matrix, uniform over all of them."""
    generator = torch.Generator().manual_seed(seed + 10_000)
    q, r = torch.linalg.qr(torch.randn(dimension, dimension, generator=generator).double())
    return q * r.diagonal().sign()  # with positive diagonal of R, Q is uniform


def _best_rates(
    solver: Solver, a: Tensor, start: Tensor, rates: Sequence[float], target: float, limit: int
) -> tuple[Tensor, Tensor]:
    """The rate with the fewest steps for each seed ``[S]``, and these steps ``[S]``."""
    best, chosen = start.new_full((2, len(start)), math.inf)
    for rate in sorted(rates, key=lambda rate: abs(math.log(rate / 0.3))):
        enough = int(best.max().clamp(max=limit).item())
        steps = _valley(solver, a, start, rate, target, enough)
        chosen = torch.where(steps < best, rate, chosen)
        best = torch.minimum(best, steps)
    return chosen, best


def _valley(
    solver: Solver, a: Tensor, start: Tensor, lr: float, target: float, limit: int
) -> Tensor:
    """First step ``[S]`` below a share of the first loss on ½θᵀAθ; infinite beyond the limit."""
    theta = start.clone().requires_grad_()
    optimizer = solver([theta], lr)
    steps = start.new_full((len(start),), math.inf)
    g = (a @ start[..., None])[..., 0]
    first = (start * g).sum(1)
    for t in range(1, limit + 1):
        theta.grad = g
        optimizer.step()
        place = theta.detach()
        g = (a @ place[..., None])[..., 0]
        share = (place * g).sum(1) / first
        steps[steps.isinf() & (share < target)] = t
        if not steps.isinf().any() or not (share < 1e12).all():
            break
    return steps


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


OPENING = {
    "SGD": (0.03, 0.1, 0.3, 1.0, 3.0),
    "momentum": (0.01, 0.03, 0.1, 0.3, 1.0),
    "Adam": (0.003, 0.01, 0.03, 0.1),
}
"""Learning rates of the opening's three solvers, two a decade."""


def training_losses(
    seeds: Sequence[int], *, standardize: bool, steps: int = 150, batch_size: int = 128
) -> dict[str, dict[float, Tensor]]:
    """The opening: minibatch losses ``[steps, S]`` of three solvers by learning rate.

    Two hidden layers of 64 ReLUs, He's start; the pixels as they come, in [0, 1], or standardized.
    """
    x, y, *_ = digits(tuple(seeds), standardize)
    found: dict[str, dict[float, Tensor]] = {}
    for name, rates in OPENING.items():
        found[name] = {}
        for lr in rates:
            networks = Perceptrons(seeds)
            optimizer = make(name, networks.parameters(), lr)
            found[name][lr] = fit(
                networks,
                x,
                y,
                optimizer=lambda parameters, chosen=optimizer: chosen,  # type: ignore[misc]
                steps=steps,
                batch_size=batch_size,
            )
    return found


def steps_below(losses: Tensor, target: float, *, window: int = 10) -> Tensor:
    """First step ``[S]`` at which the mean loss of the last ``window`` steps is below a target.

    >>> steps_below(torch.tensor([[3.0], [1.0], [0.0], [0.0]]), 0.6, window=2)
    tensor([3.], dtype=torch.float64)
    """
    low = losses.unfold(0, window, 1).mean(-1) < target
    first = low.to(torch.int8).argmax(0).double() + window
    return torch.where(low.any(0), first, math.inf)


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


def misplaced(grid: Mapping[str, Mapping[str, Tensor]], places: int) -> dict[str, Tensor]:
    """Test accuracy ``[S]`` lost by a rate that lies beside the best one in the grid, by solver.

    Args:
        grid: result of :func:`solver_grid`.
        places: how many places beside; at the grid's end the last rate is taken.
    """
    lost = {}
    for name, found in grid.items():
        best = found["validation"].argmax(0, keepdim=True)
        beside = (best + places).clamp(0, len(found["test"]) - 1)
        lost[name] = (found["test"].gather(0, best) - found["test"].gather(0, beside))[0]
    return lost


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


def uncorrected_runs(seeds: Sequence[int], *, epochs: int = 3) -> dict[str, Tensor]:
    """Training loss ``[steps, S]`` of Adam with bias correction and without, at two rates."""
    x, y, *_ = digits(tuple(seeds))
    found = {}
    for name, kind, lr in (
        ("corrected, rate 0.01", Adam, 0.01),
        ("uncorrected, rate 0.01", UncorrectedAdam, 0.01),
        ("uncorrected, rate 0.002", UncorrectedAdam, 0.002),
    ):
        networks = Perceptrons(seeds)
        found[name] = train(networks, x, y, kind(networks.parameters(), lr), epochs=epochs)
    return found


def warmed_up(
    seeds: Sequence[int],
    *,
    rates: Sequence[float] = (0.003, 0.01, 0.03, 0.05),
    depth: int = 6,
    steps: int = 150,
    rise: int = 30,
    batch_size: int = 128,
) -> dict[str, Tensor]:
    """Training loss at the end ``[rates, S]``: Adam with linear decay, with and without a rise.

    Six hidden layers of 64 ReLUs on the standardized digits.
    """
    x, y, *_ = digits(tuple(seeds))
    plans = {
        "no warm-up": schedules.linear_decay(steps),
        "warm-up": schedules.warmup(rise, schedules.linear_decay(steps - rise)),
    }
    found = {}
    for name, plan in plans.items():
        rows = []
        for lr in rates:
            networks = Perceptrons(seeds, (64, *[64] * depth, 10))
            fit(
                networks,
                x,
                y,
                optimizer=lambda parameters, lr=lr: Adam(parameters, lr),  # type: ignore[misc]
                steps=steps,
                batch_size=batch_size,
                rate=plan,
            )
            rows.append(_loss(networks, x, y))
        found[name] = torch.stack(rows)
    return found


class NoisyPerceptrons(Perceptrons):
    """Networks whose inputs get fresh Gaussian noise at each step of training.

    Args:
        seeds: one seed a network.
        noise: standard deviation of what is added to each input.
    """

    def __init__(self, seeds: Sequence[int], noise: float, *, device: str = "cpu") -> None:
        super().__init__(seeds, device=device)
        self.noise = noise

    def forward(self, x: Tensor) -> Tensor:
        """Outputs ``[S, out, B]``; in training of the noisy inputs."""
        if self.training and self.noise:
            drawn = [torch.randn(x.shape[1:], generator=g) for g in self.generators]
            x = x + self.noise * torch.stack(drawn).to(x.device)
        return super().forward(x)


PLANS: dict[str, Callable[[int], schedules.Schedule]] = {
    "constant": lambda total: schedules.linear_decay(total, end_factor=1.0),
    "linear decay": schedules.linear_decay,
    "cosine": schedules.cosine_decay,
}
"""Schedules that are compared, from the number of steps."""

ENDS = (0.002, 0.005, 0.01, 0.02, 0.05)
"""Learning rates at the top of the schedules."""


def schedule_ends(
    seeds: Sequence[int],
    *,
    noise: float = 0.0,
    rates: Sequence[float] = ENDS,
    plans: Sequence[str] = tuple(PLANS),
    epochs: int = 8,
    batch_size: int = 16,
    device: str = "cpu",
) -> dict[str, dict[str, Tensor]]:
    """OP2: momentum 0.9 under each schedule, for each learning rate at its top, ``[rates, S]``.

    Two hidden layers of 64 ReLUs on the standardized digits, a fifth of the training samples held
    out.

    Args:
        seeds: one split of the data and one network each.
        noise: standard deviation of the noise on the inputs.
        rates: learning rates at the top of the schedule.
        plans: names of ``PLANS``.
        epochs: passes over the samples.
        batch_size: samples a step.
        device: where it runs.

    Returns:
        For each schedule the loss on the training samples (with noise, eight draws of it) as
        ``"loss"``, the loss on the held-out samples as ``"validation"``, and the accuracy on the
        test samples as ``"test"``.
    """
    x, y, x_test, y_test = (t.to(device) for t in digits(tuple(seeds)))
    x, y, x_held, y_held = _held_out(x, y)
    draws = 8 if noise else 1
    found: dict[str, dict[str, Tensor]] = {}
    for name in plans:
        plan = PLANS[name](epochs * (x.shape[2] // batch_size))
        rows: dict[str, list[Tensor]] = {"loss": [], "validation": [], "test": []}
        for lr in rates:
            networks = NoisyPerceptrons(seeds, noise, device=device)
            optimizer = make("momentum", networks.parameters(), lr)
            train(networks, x, y, optimizer, epochs=epochs, batch_size=batch_size, schedule=plan)
            rows["loss"].append(_loss(networks, x.repeat(1, 1, draws), y.repeat(1, draws)))
            networks.eval()
            rows["validation"].append(_loss(networks, x_held, y_held))
            rows["test"].append(accuracy(networks, x_test, y_test, finite=True).cpu())
        found[name] = {kind: torch.stack(values) for kind, values in rows.items()}
    return found


@torch.no_grad()
def _loss(networks: Perceptrons, x: Tensor, y: Tensor) -> Tensor:
    """Mean loss ``[S]``; infinite where it is no number."""
    loss = F.cross_entropy(networks(x), y, reduction="none").mean(1).double().cpu()
    return loss.nan_to_num(math.inf)


def hundred_steps(rule: Callable[..., Tensor], name: str) -> tuple[Tensor, Tensor]:
    """Parameters ``[3]`` after 100 steps of the text's rule, and of the library's optimizer.

    Args:
        rule: ``rule(theta, g, state, lr=...)``, which returns the new parameters.
        name: one of ``SOLVERS``.
    """
    generator = torch.Generator().manual_seed(0)
    mine = torch.ones(3, dtype=torch.float64)
    theirs = torch.ones(3, dtype=torch.float64, requires_grad=True)
    state: dict[str, Any] = {}
    optimizer = make(name, [theirs], 0.01)
    for _ in range(100):
        theirs.grad = torch.randn(3, generator=generator, dtype=torch.float64)
        mine = rule(mine, theirs.grad, state, lr=0.01)
        optimizer.step()
    return mine, theirs.detach()

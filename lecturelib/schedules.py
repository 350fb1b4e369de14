r"""Learning-rate schedules as functions of the step, and the one that watches the loss.

A schedule is a function from the step :math:`k = 0, 1, \dots` to a factor of the learning rate, to
be used with PyTorch's ``LambdaLR``; being functions they can be tabulated, plotted and composed,
and with their optimizer pickled:

>>> from lecturelib.schedules import cosine_decay, warmup
>>> schedule = warmup(2, then=cosine_decay(4))
>>> [round(schedule(step), 3) for step in range(8)]
[0.0, 0.5, 1.0, 0.854, 0.5, 0.146, 0.0, 0.0]

>>> import torch
>>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
>>> scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
>>> scheduler.get_last_lr()
[0.0]
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch

from lecturelib._precision import whole_number

Schedule = Callable[[int], float]


def linear_decay(
    total_iters: int, *, start_factor: float = 1.0, end_factor: float = 0.0
) -> Schedule:
    r"""Go from one factor to another on a line, and stay there.

    .. math::
        f(k) = (1 - \tfrac{k}{T}) f_0 + \tfrac{k}{T} f_T \quad (k \le T), \qquad
        f(k) = f_T \quad (k > T)

    Args:
        total_iters: Number of steps :math:`T` to the end of the line, at least 1.
        start_factor: :math:`f_0`, finite and at least 0.
        end_factor: :math:`f_T`, finite and at least 0.

    Returns:
        The function from step to factor.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> schedule = linear_decay(4, end_factor=0.2)
        >>> [round(schedule(step), 3) for step in range(6)]
        [1.0, 0.8, 0.6, 0.4, 0.2, 0.2]

    Source: Goodfellow, Bengio and Courville (2016), Deep learning, equation 8.14, with
    :math:`f_T = \epsilon_\tau / \epsilon_0`. PyTorch: ``LinearLR``, with other defaults.
    Chapter: optimizers.
    """
    total_iters = whole_number("linear_decay", "total_iters", total_iters)
    _check_factor("linear_decay", "start_factor", start_factor)
    _check_factor("linear_decay", "end_factor", end_factor)
    return partial(_line, total_iters=total_iters, start_factor=start_factor, end_factor=end_factor)


def _line(step: int, *, total_iters: int, start_factor: float, end_factor: float) -> float:
    done = min(step / total_iters, 1.0)
    return (1 - done) * start_factor + done * end_factor


def step_decay(step_size: int, *, gamma: float = 0.1) -> Schedule:
    r"""Multiply the learning rate by a constant at regular intervals.

    .. math:: f(k) = \gamma^{\lfloor k / s \rfloor}

    Args:
        step_size: Interval :math:`s`, at least 1.
        gamma: Factor :math:`\gamma`, finite and at least 0.

    Returns:
        The function from step to factor.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> schedule = step_decay(2, gamma=0.5)
        >>> [schedule(step) for step in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]

    Source: PyTorch: ``StepLR``.
    Chapter: optimizers.
    """
    step_size = whole_number("step_decay", "step_size", step_size)
    _check_factor("step_decay", "gamma", gamma)
    return partial(_stairs, step_size=step_size, gamma=gamma)


def _stairs(step: int, *, step_size: int, gamma: float) -> float:
    return float(gamma ** (step // step_size))


def cosine_decay(T_max: int, *, end_factor: float = 0.0, restarts: bool = False) -> Schedule:
    r"""Go down half a period of the cosine, and stay there or start again.

    .. math:: f(k) = f_T + \tfrac12 (1 - f_T) \bigl(1 + \cos(\pi k / T)\bigr) \quad (k \le T)

    After :math:`T` steps the factor stays at :math:`f_T`, unlike PyTorch's ``CosineAnnealingLR``,
    which climbs up the cosine again.

    Args:
        T_max: Number of steps :math:`T` down to the end factor, at least 1.
        end_factor: :math:`f_T`, finite and at least 0 (PyTorch's ``eta_min`` over the learning
            rate).
        restarts: Jump back to 1 after every :math:`T` steps ("warm restarts").

    Returns:
        The function from step to factor.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> schedule = cosine_decay(4)
        >>> [round(schedule(step), 3) for step in range(6)]
        [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]

    Source: Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts,
    equation 5. PyTorch: ``CosineAnnealingLR``, ``CosineAnnealingWarmRestarts``.
    Chapter: optimizers.
    """
    T_max = whole_number("cosine_decay", "T_max", T_max)
    _check_factor("cosine_decay", "end_factor", end_factor)
    return partial(_cosine, T_max=T_max, end_factor=end_factor, restarts=restarts)


def _cosine(step: int, *, T_max: int, end_factor: float, restarts: bool) -> float:
    k = step % T_max if restarts else min(step, T_max)
    return end_factor + (1 - end_factor) * (1 + math.cos(math.pi * k / T_max)) / 2


def cyclic(
    base_factor: float,
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    *,
    mode: str = "triangular",
    gamma: float = 1.0,
) -> Schedule:
    r"""Go up and down between a base and 1, again and again.

    With :math:`h(k)` the triangle wave that is 0 at the start and the end of a cycle and 1 at its
    peak, :math:`c = 0, 1, \dots` the number of the cycle and :math:`b` the base,

    .. math:: f(k) = b + (1 - b)\, h(k)\, a(k), \qquad
        a(k) = 1,\; 2^{-c} \text{ or } \gamma^k

    in the modes "triangular", "triangular2" and "exp_range". The optimizer's learning rate is the
    maximum (``max_lr`` of PyTorch's ``CyclicLR``).

    Args:
        base_factor: :math:`b`, in [0, 1]: base learning rate over maximal learning rate.
        step_size_up: Steps of the rising half, at least 1.
        step_size_down: Steps of the falling half, at least 1; None for as many.
        mode: How the amplitude changes: "triangular", "triangular2" or "exp_range".
        gamma: :math:`\gamma` of "exp_range", finite and at least 0.

    Returns:
        The function from step to factor.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> schedule = cyclic(0.2, step_size_up=2)
        >>> [round(schedule(step), 3) for step in range(6)]
        [0.2, 0.6, 1.0, 0.6, 0.2, 0.6]

    Source: Smith (2017), Cyclical learning rates for training neural networks, section 3.
    PyTorch: ``CyclicLR``.
    Chapter: optimizers.
    """
    up = whole_number("cyclic", "step_size_up", step_size_up)
    down = up if step_size_down is None else step_size_down
    down = whole_number("cyclic", "step_size_down", down)
    _check_factor("cyclic", "base_factor", base_factor, 1.0)
    _check_factor("cyclic", "gamma", gamma)
    if mode not in MODES:
        raise ValueError(f"cyclic: mode must be one of {list(MODES)}, got {mode!r}")
    return partial(_wave, base_factor=base_factor, up=up, down=down, mode=mode, gamma=gamma)


MODES = ("triangular", "triangular2", "exp_range")


def _wave(step: int, *, base_factor: float, up: int, down: int, mode: str, gamma: float) -> float:
    cycle, k = divmod(step, up + down)
    height = k / up if k <= up else 1 - (k - up) / down
    amplitude = {"triangular": 1.0, "triangular2": 0.5, "exp_range": gamma}[mode] ** (
        step if mode == "exp_range" else cycle
    )
    return base_factor + (1 - base_factor) * height * amplitude


def warmup(
    total_iters: int, then: Schedule | None = None, *, start_factor: float = 0.0
) -> Schedule:
    r"""Rise on a line to the full learning rate, then follow another schedule from its beginning.

    .. math::
        f(k) = f_0 + (1 - f_0) \tfrac{k}{T} \quad (k < T), \qquad
        f(k) = \text{then}(k - T) \quad (k \ge T)

    Args:
        total_iters: Steps :math:`T` of the rise, at least 1.
        then: The schedule that follows; None for constant 1.
        start_factor: :math:`f_0`, in [0, 1]. At 0 the first step does not move.

    Returns:
        The function from step to factor.

    Raises:
        ValueError: If an argument is out of range.
        TypeError: If ``then`` is not a function.

    Example:
        >>> schedule = warmup(4, step_decay(2), start_factor=0.2)
        >>> [round(schedule(step), 3) for step in range(8)]
        [0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 0.1, 0.1]

    Source: Goyal et al. (2017), Accurate, large minibatch SGD: training ImageNet in 1 hour, section
    2.2 ("gradual warmup"). PyTorch: ``SequentialLR`` of a ``LinearLR`` and the other.
    Chapter: optimizers.
    """
    total_iters = whole_number("warmup", "total_iters", total_iters)
    _check_factor("warmup", "start_factor", start_factor, 1.0)
    if then is not None and not callable(then):
        raise TypeError(f"warmup: then must be a schedule, got {type(then).__name__}")
    return partial(_rise, total_iters=total_iters, then=then, start_factor=start_factor)


def _rise(step: int, *, total_iters: int, then: Schedule | None, start_factor: float) -> float:
    if step < total_iters:
        return start_factor + (1 - start_factor) * step / total_iters
    return 1.0 if then is None else then(step - total_iters)


class ReduceOnPlateau:
    """Lower the learning rate when a quantity has stopped improving.

    After every evaluation call ``step`` with the quantity. When it has not beaten its best by the
    threshold for more than ``patience`` evaluations, each group's learning rate is multiplied by
    ``factor``; then ``cooldown`` evaluations are not counted.

    Args:
        optimizer: Any optimizer of ``torch.optim``'s kind; its learning rates are changed.
        mode: "min" if smaller is better, else "max".
        factor: What the learning rate is multiplied by, in [0, 1).
        patience: Evaluations without improvement that are borne, at least 0.
        threshold: Least improvement that counts, at least 0.
        threshold_mode: "rel" compares with ``best ∓ |best| * threshold``, "abs" with ``best ∓
            threshold``.
        cooldown: Evaluations not counted after a reduction, at least 0.
        min_lr: Lower bound of the learning rate, one for all groups, also those that are added
            later, or one for each.
        eps: A change of the learning rate by no more than this is not made.

    Raises:
        TypeError: If the optimizer is not one.
        ValueError: If an argument is out of range; in ``step``, if the quantity is NaN, which
            PyTorch's counts as no improvement, or if a group has come for which ``min_lr`` has no
            bound.

    Example:
        >>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        >>> scheduler = ReduceOnPlateau(optimizer, patience=1)
        >>> for loss in [1.0, 0.5, 0.5, 0.5]:
        ...     scheduler.step(loss)
        >>> [round(lr, 3) for lr in scheduler.get_last_lr()]
        [0.01]

    Source: PyTorch: ``ReduceLROnPlateau``, whose argument names, defaults and results it has, but
    for negative quantities, as a log-likelihood or :func:`lecturelib.losses.gaussian_nll` may be:
    its bar ``best * (1 ∓ threshold)`` lies on the wrong side of them, so that a constant counts as
    an improvement.
    Chapter: optimizers.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise TypeError(
                f"ReduceOnPlateau: need a torch.optim.Optimizer, got {type(optimizer).__name__}"
            )
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceOnPlateau: mode must be 'min' or 'max', got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"ReduceOnPlateau: threshold_mode must be 'rel' or 'abs', got {threshold_mode!r}"
            )
        if not 0 <= factor < 1:
            raise ValueError(f"ReduceOnPlateau: factor must be in [0, 1), got {factor}")
        groups = len(optimizer.param_groups)
        bounds = list(min_lr) if isinstance(min_lr, Sequence) else [min_lr] * groups
        if len(bounds) != groups:
            raise ValueError(
                f"ReduceOnPlateau: need one min_lr or {groups}, one a group, got {len(bounds)}"
            )
        for name, value in [("patience", patience), ("threshold", threshold)]:
            _check_factor("ReduceOnPlateau", name, value)
        for name, value in [("cooldown", cooldown), ("eps", eps), *(("min_lr", b) for b in bounds)]:
            _check_factor("ReduceOnPlateau", name, value)
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lrs, self.eps = bounds, eps
        self.default_min_lr = None if isinstance(min_lr, Sequence) else min_lr
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0

    def step(self, metrics: float | torch.Tensor) -> None:
        """Take notice of the quantity, and lower the learning rates if their time has come."""
        current = float(metrics)
        if math.isnan(current):
            raise ValueError(f"ReduceOnPlateau.step: got NaN at evaluation {self.last_epoch}")
        bounds = self._bounds()
        self.last_epoch += 1
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce(bounds)
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer."""
        return copy.deepcopy({k: value for k, value in vars(self).items() if k != "optimizer"})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from what ``state_dict`` returned."""
        vars(self).update(copy.deepcopy(state_dict))

    def _is_better(self, current: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        if math.isinf(self.best):
            bar = self.best  # nothing seen yet; inf · 0 would be NaN
        elif self.threshold_mode == "rel":
            # best ∓ |best| · threshold, rounded as PyTorch does where best is positive
            bar = self.best * (1 + sign * math.copysign(self.threshold, self.best))
        else:
            bar = self.best + sign * self.threshold
        return current < bar if self.mode == "min" else current > bar

    def _bounds(self) -> list[float]:
        """Lower bounds of the learning rates, one a group, also for groups that came later."""
        groups = len(self.optimizer.param_groups)
        if self.default_min_lr is not None:
            return [self.default_min_lr] * groups
        if groups != len(self.min_lrs):
            raise ValueError(
                f"ReduceOnPlateau.step: the optimizer has {groups} groups, min_lr has "
                f"{len(self.min_lrs)} bounds; append to min_lrs when a group is added"
            )
        return self.min_lrs

    def _reduce(self, bounds: Sequence[float]) -> None:
        for group, bound in zip(self.optimizer.param_groups, bounds, strict=True):
            lr = float(group["lr"])
            reduced = max(lr * self.factor, bound)
            if lr - reduced > self.eps:
                if isinstance(group["lr"], torch.Tensor):
                    group["lr"].fill_(reduced)
                else:
                    group["lr"] = reduced


def _check_factor(call: str, name: str, value: float, upto: float = math.inf) -> None:
    if not (0 <= value <= upto and math.isfinite(value)):
        upper = "finite" if upto == math.inf else f"at most {upto:g}"
        raise ValueError(f"{call}: {name} must be at least 0 and {upper}, got {value}")

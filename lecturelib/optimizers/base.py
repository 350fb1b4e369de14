"""What the optimizers share: parameter groups, closures, checks, and blocks that fit the cache."""

from __future__ import annotations

import copy
import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, overload

import torch
from torch import Tensor

from .._once import once
from .._precision import HALF, wide_dtype, widen

BLOCK_BYTES = 2**21  # of each tensor and thread: more leaves the cache, fewer cost more calls


class Rule(NamedTuple):
    """How a group of parameters moves."""

    buffers: Sequence[str]  # their names in the state
    update: Callable[..., None]  # update(t, theta, g, *buffers), in place
    blockwise: bool = True  # whether it passes over the data more than once


class OptimizerBase(torch.optim.Optimizer, ABC):
    """The bookkeeping round an update rule.

    A subclass gives ``_check`` (ranges of its options) and ``_rule`` (how a group of
    parameters moves). The options ``foreach`` and ``fused``
    pick among PyTorch's implementations of one and the same rule; here is only one, so they are
    accepted, kept in the parameter groups for PyTorch to read, and change nothing. ``capturable``
    and ``differentiable`` would change what a step is: they are refused.

    Parameters in half precision move by steps that are computed in float32, with a state in
    float32: in float16 the square of a gradient of 1e-4 is 0, and so is an eps of 1e-8. (PyTorch
    keeps such a state in half precision; either takes over the other's.) A parameter that is named
    several times in a group, as a tied weight may be, moves once.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if defaults.get("foreach") and defaults.get("fused"):
            raise ValueError(f"{self._name}: foreach and fused cannot both be True")
        self._check_options(defaults)
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over a state, also one that an older PyTorch saved with fewer options."""
        super().__setstate__(state)
        for group in self.param_groups:
            for name, default in self.defaults.items():
                group.setdefault(name, default)
        for values in self.state.values():
            if "step" in values and not isinstance(values["step"], Tensor):
                values["step"] = torch.tensor(float(values["step"]), device="cpu")

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters with its own options, after checking both.

        Raises:
            ValueError: If an option is out of range.
            TypeError: If a parameter is not a dense tensor of real floating-point numbers.
        """
        if isinstance(param_group, dict):
            self._check_options({**self.defaults, **param_group})
            params = param_group["params"]
            if not isinstance(params, Tensor | set):
                # A generator is read only once.
                params = param_group["params"] = once(params, _tensor)
            for p in [params] if isinstance(params, Tensor) else params:
                self._check_parameter(_tensor(p))
        super().add_param_group(param_group)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a copy of what ``state_dict`` returned; PyTorch's would share the tensors.

        Args:
            state_dict: The state, of this optimizer or of PyTorch's.
        """
        saved = copy.deepcopy(state_dict)
        super().load_state_dict(saved)
        # PyTorch gives a state the dtype of its parameter; here half precision has a wider one.
        numbers, ours = (
            itertools.chain.from_iterable(group["params"] for group in groups)
            for groups in (saved["param_groups"], self.param_groups)
        )
        for number, p in zip(numbers, ours, strict=True):
            if p.dtype in HALF:
                for name, value in saved["state"].get(number, {}).items():
                    if isinstance(value, Tensor) and name != "step":
                        self.state[p][name] = value.to(p.device, wide_dtype(p.dtype))

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    # Compiled, the options would be constants of the code; compile the update rule instead.
    @torch._disable_dynamo
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Move every parameter that has a gradient, and return the closure's loss.

        Args:
            closure: Evaluates the loss again, with gradients, and returns it; or None.

        Raises:
            TypeError: If a gradient is sparse; no parameter has moved then.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        moving = [self._with_gradients(group["params"]) for group in self.param_groups]
        for group, pairs in zip(self.param_groups, moving, strict=True):
            names, update, blockwise = self._rule(group)
            for p, g in pairs:
                t, buffers = self._advance(p, names)
                for block in blocks(p, g, *buffers) if blockwise else [(p, g, *buffers)]:
                    _move(update, t, *block)
        return loss

    @property
    def _name(self) -> str:
        return type(self).__name__

    @abstractmethod
    def _check(self, options: dict[str, Any]) -> None:
        """Raise ValueError if an option of this optimizer is out of range."""

    @abstractmethod
    def _rule(self, group: dict[str, Any]) -> Rule:
        """Return how a group of parameters moves."""

    def _new_buffer(self, p: Tensor) -> Tensor:
        return torch.zeros_like(p, dtype=wide_dtype(p.dtype))

    def _advance(self, p: Tensor, names: Sequence[str]) -> tuple[float, list[Tensor]]:
        """Count a step of the parameter, and return its number and the buffers by name."""
        state = self.state[p]
        if "step" not in state:
            state["step"] = torch.tensor(0.0, device="cpu")  # a tensor, as PyTorch keeps it
        for name in names:
            state[name] = widen(state[name]) if name in state else self._new_buffer(p)
        t = state["step"].item() + 1
        state["step"].fill_(t)
        return t, [state[name] for name in names]

    def _with_gradients(self, params: Iterable[Tensor]) -> list[tuple[Tensor, Tensor]]:
        pairs = [(p, g) for p in params if (g := p.grad) is not None]
        dense = torch.strided
        for p, g in pairs:
            if g.layout is not dense:
                raise TypeError(
                    f"{self._name}.step: sparse gradients are not supported, a parameter of "
                    f"shape {tuple(p.shape)} has one ({g.layout}); make it dense"
                )
        return pairs

    def _check_options(self, options: dict[str, Any]) -> None:
        for name in ("capturable", "differentiable"):
            if options.get(name):
                raise ValueError(f"{self._name}: {name}=True is not supported")
        lr = options["lr"]
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError(f"{self._name}: lr must have one element, got shape {tuple(lr.shape)}")
        self._check_range("lr", lr)
        self._check_range("weight_decay", options["weight_decay"])
        self._check(options)

    def _check_range(
        self, name: str, value: Any, *, below: float = math.inf, upto: float | None = None
    ) -> None:
        """Raise ValueError unless 0 ≤ value < below, or 0 ≤ value ≤ upto."""
        good = 0 <= value < below if upto is None else 0 <= value <= upto
        if not good:  # also NaN
            upper = f"less than {below:g}" if upto is None else f"at most {upto:g}"
            upper = "finite" if upper == "less than inf" else upper
            raise ValueError(f"{self._name}: {name} must be at least 0 and {upper}, got {value}")

    def _check_parameter(self, p: Any) -> None:
        if not isinstance(p, Tensor):
            return  # the base class has an error for it
        if not p.is_floating_point() or p.layout is not torch.strided:
            raise TypeError(
                f"{self._name}: parameters must be dense tensors of real floating-point numbers, "
                f"got one of {p.dtype}, {p.layout}, shape {tuple(p.shape)}"
            )


def _move(
    update: Callable[..., None], t: float, theta: Tensor, g: Tensor, *buffers: Tensor
) -> None:
    """Update parameters, those in half precision by way of float32; they are rounded once."""
    if theta.dtype not in HALF:
        update(t, theta, g, *buffers)
        return
    wide = theta.float()
    update(t, wide, g.float(), *buffers)
    theta.copy_(wide)


def _tensor(parameter: Any) -> Any:
    """The tensor of a parameter that may come with its name."""
    return parameter[1] if isinstance(parameter, tuple) else parameter


def gradient(theta: Tensor, g: Tensor, maximize: bool, weight_decay: float) -> Tensor:
    r"""Return :math:`\pm g + \lambda\theta`: the gradient to descend, with the L2 penalty's."""
    if maximize:
        g = -g
    return g.add(theta, alpha=weight_decay) if weight_decay else g


def blocks(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """Cut tensors of one shape into blocks that fit the cache, as views.

    An update rule is elementwise, so it may run on one block after another; its intermediate values
    then stay in the cache instead of travelling to memory and back at each line. Small tensors,
    tensors with gaps and those on other devices come back whole.
    """
    first = tensors[0]
    size = BLOCK_BYTES * torch.get_num_threads() // first.element_size()
    if (
        first.numel() <= 2 * size
        or first.device.type != "cpu"
        or not all(t.is_contiguous() for t in tensors)
    ):
        return (tensors,)
    return zip(*(t.view(-1).split(size) for t in tensors), strict=True)

"""Early stopping: keep the weights that were best on validation data, and stop when they age."""

from __future__ import annotations

import copy
import math
from typing import Any

from torch import Tensor, nn

from .._precision import whole_number
from ._checks import check_at_least_zero


class EarlyStopping:
    """Watch a quantity on validation data; say when to stop, and bring the best weights back.

    After every evaluation call ``step`` with the quantity. One that beats the best so far by more
    than ``min_delta`` becomes the best, and the weights are copied; after ``patience`` evaluations
    in a row that do not, ``step`` returns True. (``ReduceOnPlateau`` bears ``patience`` of them and
    acts at the next.) ``restore`` loads the copy into the model.

    The best quantity is optimistic, as it is the best of many: report another, on test data.

    Args:
        model: Whose weights, with buffers such as running statistics, are kept; None to keep none.
        patience: Evaluations in a row without improvement after which to stop, at least 1.
        min_delta: What an improvement has to exceed, at least 0, in units of the quantity.
        mode: "min" if smaller is better, else "max".

    Attributes:
        best: The best quantity; infinite before the first.
        best_step: Which evaluation, from 0, had it; None before the first.
        num_steps: Evaluations so far.
        num_bad: Evaluations since the best one.

    Raises:
        TypeError: If the model is no module.
        ValueError: If an argument is out of range; in ``step``, if the quantity is NaN.

    Example:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> stopping = EarlyStopping(model, patience=2)
        >>> for epoch, loss in enumerate([1.0, 0.5, 0.6, 0.7, 0.4]):
        ...     _ = model.weight.data.fill_(epoch)  # stands for training
        ...     if stopping.step(loss):
        ...         break
        >>> epoch, stopping.best_step, stopping.best
        (3, 1, 0.5)
        >>> stopping.restore()
        >>> model.weight.item()
        1.0

    Source:
        Goodfellow, Bengio and Courville (2016), Deep Learning, algorithm 7.1.

    Chapter:
        parameter_norms
    """

    def __init__(
        self,
        model: nn.Module | None = None,
        *,
        patience: int = 10,
        min_delta: float = 0.0,
        mode: str = "min",
    ) -> None:
        if not (model is None or isinstance(model, nn.Module)):
            kind = type(model).__name__
            raise TypeError(f"EarlyStopping: model must be a torch.nn.Module or None, got {kind}")
        check_at_least_zero("EarlyStopping", "min_delta", min_delta)
        if mode not in ("min", "max"):
            raise ValueError(f"EarlyStopping: mode must be 'min' or 'max', got {mode!r}")
        self.model = model
        self.patience = whole_number("EarlyStopping", "patience", patience)
        self.min_delta, self.mode = min_delta, mode
        self.best = math.inf if mode == "min" else -math.inf
        self.best_step: int | None = None
        self.num_steps = self.num_bad = 0
        self.best_weights: dict[str, Any] | None = None

    def step(self, value: float | Tensor) -> bool:
        """Take notice of the quantity, keep the weights if it is the best, and say if to stop."""
        current = float(value)
        if math.isnan(current):
            raise ValueError(f"EarlyStopping.step: got NaN at evaluation {self.num_steps}")
        if self._is_better(current):
            self.best, self.best_step, self.num_bad = current, self.num_steps, 0
            if self.model is not None:
                self.best_weights = copy.deepcopy(self.model.state_dict())
        else:
            self.num_bad += 1
        self.num_steps += 1
        return self.num_bad >= self.patience

    def restore(self) -> None:
        """Load the weights of the best evaluation into the model.

        Raises:
            RuntimeError: If none are kept: there is no model, or no evaluation was better than
                infinity.
        """
        if self.model is None or self.best_weights is None:
            reason = "it was made without a model" if self.model is None else "no evaluation yet"
            raise RuntimeError(f"EarlyStopping.restore: no weights are kept, {reason}")
        self.model.load_state_dict(self.best_weights)

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of everything but the model, with the best weights."""
        return copy.deepcopy({k: value for k, value in vars(self).items() if k != "model"})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a copy of what ``state_dict`` returned.

        Raises:
            ValueError: If the state has other entries than this class keeps.
        """
        known = vars(self).keys() - {"model"}
        if state_dict.keys() != known:
            raise ValueError(
                f"EarlyStopping.load_state_dict: want {sorted(known)}, got {sorted(state_dict)}"
            )
        vars(self).update(copy.deepcopy(state_dict))

    def _is_better(self, current: float) -> bool:
        gain = self.best - current if self.mode == "min" else current - self.best
        return gain > self.min_delta

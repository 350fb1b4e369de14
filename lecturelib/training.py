"""One training loop for the whole book, and the record of what happened in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ._evaluation_mode import evaluation_mode
from .data import batches

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Loss = Callable[[Tensor, Tensor], Tensor]
Probe = Callable[[nn.Module, int], Mapping[str, float]]


class NonFiniteLossError(ValueError, FloatingPointError):
    """The loss became NaN or infinite.

    Attributes:
        step: The step at which it did, from 0.
        value: The loss.
        history: All steps before it.
    """

    def __init__(self, step: int, value: float, history: History) -> None:
        super().__init__(
            f"train: the loss is {value} at step {step}; try a smaller learning rate, or look at "
            "the steps before it in this error's history"
        )
        self.step = step
        self.value = value
        self.history = history

    def __reduce__(self) -> Any:
        """Pickle what makes it, not the message alone, so that it comes back from a process."""
        return type(self), (self.step, self.value, self.history), self.__dict__


@dataclass
class History:
    """What happened in training.

    Attributes:
        records: One dict a step: ``step``, ``epoch`` and ``loss`` of the batch before the step,
            and what the probes measured.
        epochs: One dict an epoch: ``epoch``, ``loss`` (mean over its samples, in training mode)
            and, with test data, ``test_loss`` and ``test_accuracy`` after it.

    Example:
        >>> history = History(
        ...     records=[{"step": 0, "loss": 2.5}, {"step": 1, "loss": 0.5}],
        ...     epochs=[{"epoch": 0, "loss": 2.5}, {"epoch": 1, "loss": 0.5}],
        ... )
        >>> history.column("loss")
        [2.5, 0.5]
        >>> print(history.table())
        epoch  loss
            0   2.5
            1   0.5
    """

    records: list[dict[str, float]] = field(default_factory=list)
    epochs: list[dict[str, float]] = field(default_factory=list)

    @property
    def final(self) -> dict[str, float]:
        """The record of the last epoch; empty before the first has ended."""
        return self.epochs[-1] if self.epochs else {}

    def column(self, name: str) -> list[float]:
        """List one quantity over the steps that have it; of the epochs if no step has.

        Args:
            name: A key of ``records`` or ``epochs``.

        Returns:
            The values in order.

        Raises:
            KeyError: If no record has this name.
        """
        for rows in (self.records, self.epochs):
            values = [row[name] for row in rows if name in row]
            if values:
                return values
        known = sorted({key for row in (*self.records, *self.epochs) for key in row})
        raise KeyError(f"History.column: nothing is called {name!r}; there are {known}")

    def table(self, rows: int = 10) -> str:
        """Write the epochs as a table in plain text.

        Args:
            rows: At most this many, at least 2, evenly spread, with the first and the last.

        Returns:
            One line for the names and one for each epoch.
        """
        if not self.epochs:
            return "no epoch has ended"
        last = len(self.epochs) - 1
        n = min(max(rows, 2), last + 1)
        chosen = [self.epochs[round(i * last / max(n - 1, 1))] for i in range(n)]
        lines = [list(chosen[0]), *([f"{value:.4g}" for value in row.values()] for row in chosen)]
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        )

    def plot(self) -> Figure:
        """Draw the loss of each step and, if it was tested, the loss and accuracy of each epoch.

        Returns:
            A matplotlib figure that pyplot does not hold.
        """
        import matplotlib.pyplot as plt

        tested = "test_accuracy" in self.final
        fig, axes = plt.subplots(1, 1 + tested, squeeze=False, figsize=(5 * (1 + tested), 3.5))
        plt.close(fig)
        steps = self.column("step")
        ends = [sum(row["epoch"] <= end["epoch"] for row in self.records) for end in self.epochs]
        left = axes[0, 0]
        left.plot(steps, self.column("loss"), lw=1, alpha=0.6, label="training, each batch")
        if "test_loss" in self.final:
            left.plot(ends, self.column("test_loss"), marker="o", ms=3, label="test")
        left.set(xlabel="step", ylabel="loss", yscale="log")
        left.legend()
        if tested:
            axes[0, 1].plot(ends, self.column("test_accuracy"), marker="o", ms=3, color="C1")
            axes[0, 1].set(xlabel="step", ylabel="test accuracy")
        fig.tight_layout()
        return fig


def train(
    model: nn.Module,
    data: Sequence[Tensor],
    *,
    optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer] | torch.optim.Optimizer,
    epochs: int,
    batch_size: int = 128,
    loss: Loss = F.cross_entropy,
    device: Any = None,
    generator: torch.Generator | None = None,
    drop_last: bool = False,
    probes: Sequence[Probe] = (),
    history: History | None = None,
    progress: bool = True,
) -> History:
    """Train a model by mini-batches, in place, and return what happened.

    Each step: gradients to zero, loss of the batch, backward pass, probes, step of the optimizer.
    A probe thus sees the weights at which the loss was taken, and its gradients. The model is put
    into training mode at the start, and each epoch ends with a test in eval mode.

    Args:
        model: Any module.
        data: A Split, or (x, y), or (x, y, x_test, y_test).
        optimizer: What makes an optimizer from the parameters, as ``lambda p: SGD(p, lr=0.1)``, or
            one that is made already.
        epochs: Number of passes over the data, at least 0.
        batch_size: Number of samples a step, at least 1.
        loss: From outputs and targets to a scalar.
        device: Move model and data there first. None moves nothing.
        generator: Shuffles; None takes PyTorch's global one. (Dropout always does.)
        drop_last: Leave out a smaller last batch; needed with batch norm if it has one sample.
        probes: Each is called as probe(model, step), and gives a dict of numbers for the record.
        history: Where to write, for who wants to have it even if an error or Ctrl-C ends the
            training. One that holds something already is continued: steps and epochs count on.
            None makes a new one.
        progress: Show a bar. The environment variable TQDM_DISABLE=1 hides it everywhere.

    Returns:
        The history, with one record a step and one an epoch; the one given, if any.

    Raises:
        NonFiniteLossError: If the loss is NaN or infinite. It is a ValueError and a
            FloatingPointError; it names the step, and holds the history until then.
        ValueError: If epochs or batch_size is out of range, the data are not 2 or 4 tensors, the
            model lies on another device than the data, the loss is not a scalar, or gradients are
            switched off.
        TypeError: If the inputs have another floating point type than the model, or the optimizer
            is none.

    Example:
        >>> x = torch.linspace(-1, 1, 64).view(-1, 1)
        >>> history = train(
        ...     nn.Linear(1, 1), (x, 3 * x + 1), loss=F.mse_loss, epochs=50, batch_size=16,
        ...     optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.5), progress=False,
        ... )
        >>> history.final["loss"] < 1e-6
        True

    Source:
        Robbins and Monro (1951), A Stochastic Approximation Method.

    Chapter:
        batch_norm (where it is used first)
    """
    from tqdm.auto import tqdm

    if not torch.is_grad_enabled():
        raise ValueError("train: gradients are off here, by torch.no_grad or inference_mode")
    if epochs < 0:
        raise ValueError(f"train: epochs must be at least 0, got {epochs}")
    if batch_size < 1:
        raise ValueError(f"train: batch_size must be at least 1, got {batch_size}")
    if len(data) not in (2, 4):
        raise ValueError(f"train: data must be (x, y) or (x, y, x_test, y_test), got {len(data)}")
    if device is not None:
        model = model.to(device)
        data = [tensor.to(device) for tensor in data]
    x, y, *test = data
    _check_fit(model, x)
    if not isinstance(optimizer, torch.optim.Optimizer):
        optimizer = optimizer(model.parameters())
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(f"train: optimizer made a {type(optimizer).__name__}, not an Optimizer")
    if generator is None:
        generator = torch.Generator().manual_seed(int(torch.randint(2**62, (), device="cpu")))

    history = History() if history is None else history
    step, first_epoch = len(history.records), len(history.epochs)
    steps = epochs * (len(x) // batch_size if drop_last else math.ceil(len(x) / batch_size))
    bar = tqdm(total=steps, desc="train", unit="step", leave=False, disable=not progress)
    model.train()
    with bar:
        for epoch in range(first_epoch, first_epoch + epochs):
            total, samples = 0.0, 0
            parts = batches(x, y, batch_size, generator=generator, drop_last=drop_last)
            for x_batch, y_batch in parts:
                optimizer.zero_grad()
                batch_loss = loss(model(x_batch), y_batch)
                value = _finite(batch_loss, step, history)
                batch_loss.backward()
                record = {"step": step, "epoch": epoch, "loss": value}
                for probe in probes:
                    record.update(probe(model, step))
                optimizer.step()
                history.records.append(record)
                total, samples = total + value * len(x_batch), samples + len(x_batch)
                step += 1
                bar.update()
            if samples == 0:
                raise ValueError(f"train: no batch of {batch_size} in {len(x)} samples")
            summary = {"epoch": epoch, "loss": total / samples}
            if test:
                summary |= {f"test_{k}": v for k, v in evaluate(model, *test, loss=loss).items()}
            history.epochs.append(summary)
            bar.set_postfix({name: f"{summary[name]:.4g}" for name in summary if name != "epoch"})
    return history


def evaluate(
    model: nn.Module, x: Tensor, y: Tensor, *, loss: Loss = F.cross_entropy
) -> dict[str, float]:
    """Test a model in eval mode, on all samples at once, and leave its mode as it was.

    Args:
        model: Any module.
        x: Inputs, shape (n, ...).
        y: Targets: classes (n,), or whatever the loss takes.
        loss: From outputs and targets to a scalar.

    Returns:
        ``loss`` and, if the outputs are scores (n, classes) and the targets classes, ``accuracy``.

    Example:
        >>> model = nn.Identity()
        >>> scores = torch.tensor([[0.0, 9.0], [0.0, 9.0]])
        >>> evaluate(model, scores, torch.tensor([1, 0]))["accuracy"]
        0.5
    """
    with evaluation_mode(model), torch.no_grad():
        output = model(x)
        result = {"loss": loss(output, y).item()}
    if output.ndim == 2 and y.ndim == 1 and not y.is_floating_point():
        result["accuracy"] = (output.argmax(dim=1) == y).double().mean().item()
    return result


def _check_fit(model: nn.Module, x: Tensor) -> None:
    """Nothing is moved or cast behind the caller's back, so that a misfit is an error."""
    parameter = next(model.parameters(), None)
    if parameter is None:
        return
    if parameter.device != x.device:
        raise ValueError(
            f"train: the model is on {parameter.device}, the data on {x.device}; pass device="
        )
    if x.is_floating_point() and x.dtype != parameter.dtype:
        raise TypeError(f"train: the model is {parameter.dtype}, the inputs are {x.dtype}")


def _finite(batch_loss: Tensor, step: int, history: History) -> float:
    if batch_loss.numel() != 1:
        raise ValueError(f"train: the loss must be a scalar, got shape {tuple(batch_loss.shape)}")
    value = batch_loss.item()
    if not math.isfinite(value):
        raise NonFiniteLossError(step, value, history)
    return value

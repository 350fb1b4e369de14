"""One training loop, and a record of what happened in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .data import batches

Probe = Callable[[nn.Module, int], dict[str, float]]


@dataclass
class History:
    """What happened in training: one record a step, and one an epoch.

    ``records`` holds {"step", "epoch", "loss", …probes}; ``epochs`` holds {"epoch", "loss" (mean),
    "test_loss", "test_accuracy"}.
    """

    records: list[dict[str, float]] = field(default_factory=list)
    epochs: list[dict[str, float]] = field(default_factory=list)

    @property
    def final(self) -> dict[str, float]:
        """The last epoch's record."""
        return self.epochs[-1]

    def column(self, name: str) -> list[float]:
        """One quantity, step by step."""
        return [record[name] for record in self.records if name in record]

    def table(self) -> str:
        """The epochs as a text table."""
        names = list(self.epochs[0])
        lines = ["  ".join(f"{name:>13}" for name in names)]
        lines += ["  ".join(f"{row[name]:13.4g}" for name in names) for row in self.epochs]
        return "\n".join(lines)

    def plot(self) -> Any:
        """Draw the loss, and return the figure."""
        import matplotlib.pyplot as plt

        fig, ax = plt.subplots()
        ax.plot(self.column("step"), self.column("loss"))
        ax.set(xlabel="step", ylabel="loss", yscale="log")
        return fig


def train(
    model: nn.Module,
    data: Sequence[Tensor],
    *,
    optimizer: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer] | torch.optim.Optimizer,
    epochs: int,
    batch_size: int = 128,
    loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
    device: Any = None,
    generator: torch.Generator | None = None,
    probes: Sequence[Probe] = (),
    progress: bool = True,
) -> History:
    """Train the model, and return the history; probes run after backward, before the step."""
    from tqdm.auto import tqdm

    if device is not None:
        model.to(device)
        data = [t.to(device) for t in data]
    x, y, *test = data
    opt = optimizer if isinstance(optimizer, torch.optim.Optimizer) else optimizer(model.parameters())
    if generator is None:
        generator = torch.Generator().manual_seed(int(torch.randint(2**31, ())))
    history = History()
    step = 0
    bar = tqdm(range(epochs), desc="epochs", disable=not progress, leave=False)
    for epoch in bar:
        model.train()
        losses = []
        for x_batch, y_batch in batches(x, y, batch_size, generator=generator):
            opt.zero_grad()
            value = loss(model(x_batch), y_batch)
            if not math.isfinite(value.item()):
                raise ValueError(f"train: the loss is {value.item()} at step {step}")
            value.backward()
            record = {"step": step, "epoch": epoch, "loss": value.item()}
            for probe in probes:
                record.update(probe(model, step))
            opt.step()
            history.records.append(record)
            losses.append(value.item())
            step += 1
        summary = {"epoch": epoch, "loss": sum(losses) / len(losses)}
        if test:
            summary["test_loss"], summary["test_accuracy"] = evaluate(model, *test, loss=loss)
        history.epochs.append(summary)
    return history


def evaluate(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy,
) -> tuple[float, float]:
    """Return loss and accuracy in eval mode; the model's mode is left as it was."""
    training = model.training
    model.eval()
    with torch.no_grad():
        output = model(x)
        result = loss(output, y).item(), (output.argmax(1) == y).float().mean().item()
    model.train(training)
    return result

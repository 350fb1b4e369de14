"""Checkpoints of long trainings, so that a run that was killed goes on from its last epoch.

Whoever runs an experiment names a folder; the trainings in it leave their state there, one file a
training, after each epoch. When the same experiment runs again, a training that was done gives its
end at once, and the one that was cut short goes on. Models, optimizers, all generators and what the
probes have gathered are restored to the last bit, so the numbers are those of a run that was never
stopped, on the same machine.

    with checkpoints_in(folder) as notes:
        losses = train(model, ...)  # asks begin() for its state
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Training", "begin", "checkpoints_in"]

Kept = dict[str, list[Tensor]]
"""What probes have gathered, by name."""


class _Task:
    """The checkpoints of one task; its trainings are numbered as they begin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = 0
        self.notes: list[str] = []

    def next_file(self) -> Path:
        self.begun += 1
        return self.folder / f"{self.begun:04d}.pt"

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            print(f"claims: {text}", file=sys.stderr)


_current: ContextVar[_Task | None] = ContextVar("checkpoints", default=None)


@contextmanager
def checkpoints_in(folder: Path | str) -> Iterator[list[str]]:
    """Within the block, trainings leave their state in ``folder`` and go on from what lies there.

    Args:
        folder: of this task alone; it is made when the first epoch ends.

    Yields:
        What went wrong with checkpoints and did not stop the run, one sentence each.
    """
    task = _Task(Path(folder))
    token = _current.set(task)
    try:
        yield task.notes
    finally:
        _current.reset(token)


class Training:
    """The state of one training, on disk where a folder was named.

    Args:
        model: what is trained.
        optimizer: its optimizer.
        generators: all that the training and its probes draw from, besides PyTorch's own.
        kept: what the probes gather; filled again by :meth:`restore`.
        task: whose checkpoints these are; None keeps nothing.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        generators: Sequence[torch.Generator],
        kept: Kept,
        task: _Task | None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.generators = list(generators)
        self.kept = kept
        self._task = task
        self._file = None if task is None else task.next_file()

    def restore(self) -> Tensor:
        """Put everything back as it was after the last epoch that ended.

        Returns:
            The losses of the steps so far; none where the training has to begin.
        """
        if self._task is None or self._file is None or not self._file.is_file():
            return torch.empty(0)
        try:
            state = torch.load(self._file, map_location="cpu", weights_only=True)
            self._check(state)
        except Exception as error:  # whatever a damaged file makes of itself
            self._task.note(f"{self._file} can't be used ({error}); this training begins anew")
            return torch.empty(0)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for generator, was in zip(self._all_generators(), state["generators"], strict=True):
            generator.set_state(was)
        device = self._device()
        self.kept.clear()
        for name, values in state["kept"].items():
            self.kept[name] = [value.to(device) for value in values]
        self.model.train()
        losses: Tensor = state["losses"].to(device)
        return losses

    def _check(self, state: Mapping[str, Any]) -> None:
        """Refuse the state of another model before anything of it is taken over."""
        own = {name: value.shape for name, value in self.model.state_dict().items()}
        if {name: value.shape for name, value in state["model"].items()} != own:
            raise ValueError("it is the state of another model")
        if len(state["generators"]) != len(self._all_generators()):
            raise ValueError("it has other generators")

    def save(self, losses: Tensor) -> None:
        """Write the state after an epoch; a reader never sees half of it.

        A disk that is full stops no run: it is noted, and the last checkpoint stays.
        """
        if self._task is None or self._file is None:
            return
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": [generator.get_state() for generator in self._all_generators()],
            "kept": self.kept,
            "losses": losses,
        }
        try:
            _write(self._file, state)
        except (OSError, RuntimeError) as error:  # torch wraps some errors of the disk
            self._task.note(f"no checkpoint in {self._file.parent} ({error}); the run goes on")

    def _all_generators(self) -> list[torch.Generator]:
        """The generators given, and PyTorch's own of the CPU and of the model's device."""
        own = [torch.default_generator]
        device = self._device()
        if device.type == "cuda":
            torch.cuda.init()
            own.append(torch.cuda.default_generators[device.index or 0])
        return [*self.generators, *own]

    def _device(self) -> torch.device:
        return next((p.device for p in self.model.parameters()), torch.device("cpu"))


def _write(path: Path, state: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(state, file)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def begin(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    generators: Sequence[torch.Generator],
    kept: Kept,
) -> Training:
    """The checkpoints of a training that begins here; none outside of :func:`checkpoints_in`.

    The trainings of a task are told apart by their order, so a task has to begin the same ones in
    the same order each time that it runs.
    """
    return Training(model, optimizer, generators, kept, _current.get())

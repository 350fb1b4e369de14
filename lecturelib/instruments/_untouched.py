"""A measurement leaves no trace: not in buffers, not in the random state, not in parameters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

Saved = list[tuple[str, Tensor, Tensor]]


@contextmanager
def untouched(parameters: Sequence[Tensor]) -> Iterator[None]:
    """Within the block modules may run; after it buffers and random state are as before it."""
    with same_randomness(parameters[0].device), frozen_buffers():
        yield


@contextmanager
def untouched_modules(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Do what ``untouched`` does, for those who know modules rather than parameters."""
    tensors = [t for m in modules for t in (*m.parameters(), *m.buffers())]
    with untouched(tensors or [torch.empty(0, device="cpu")]):
        yield


@contextmanager
def same_randomness(device: torch.device) -> Iterator[None]:
    """Within the block random numbers are those that the next such block will draw again."""
    devices = [] if device.type == "cpu" else [device]
    with torch.random.fork_rng(devices=devices, device_type=device.type):
        yield


@contextmanager
def frozen_buffers() -> Iterator[None]:
    """Within the block each module that runs in this thread gets its own buffers back at once.

    Batch norm in training mode still normalizes by the batch; its running statistics stay.
    """
    thread, saved = threading.get_ident(), dict[nn.Module, list[Saved]]()

    def save(module: nn.Module, inputs: Any) -> None:
        if threading.get_ident() == thread and module._buffers:
            kept = [(n, b, b.detach().clone()) for n, b in module._buffers.items() if b is not None]
            saved.setdefault(module, []).append(kept)

    def restore(module: nn.Module, inputs: Any, output: Any) -> None:
        if threading.get_ident() != thread or not saved.get(module):
            return
        for name, buffer, value in saved[module].pop():
            buffer.data.copy_(value)  # .data: the graph may hold the buffer, which is unchanged
            module._buffers[name] = buffer

    handles = [
        register_module_forward_pre_hook(save),
        register_module_forward_hook(restore, always_call=True),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class RandomState:
    """The state of the global generator of a device, to which ``reset`` returns."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.cpu = torch.get_rng_state()
        self.other = None if device.type == "cpu" else self._module().get_rng_state(device)

    def reset(self) -> None:
        """Make the next random numbers those that followed when this object was made."""
        torch.set_rng_state(self.cpu)
        if self.other is not None:
            self._module().set_rng_state(self.other, self.device)

    def _module(self) -> Any:
        return torch.get_device_module(self.device)


@contextmanager
def restored_buffers(model: nn.Module) -> Iterator[Callable[[], None]]:
    """Give a function that puts all buffers of the model back; it is called at the end, too."""
    places = [(m._buffers, n, b) for m in model.modules() for n, b in m._buffers.items()]
    kept = [(place, name, b, b.detach().clone()) for place, name, b in places if b is not None]

    def reset() -> None:
        for place, name, buffer, value in kept:
            place[name] = buffer
            buffer.data.copy_(value)

    try:
        yield reset
    finally:
        reset()


@contextmanager
def restored(parameters: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Within the block parameters may be overwritten in place; it gives copies, and restores."""
    kept = [p.detach().clone() for p in parameters]
    try:
        yield kept
    finally:
        for p, value in zip(parameters, kept, strict=True):
            p.data.copy_(value)

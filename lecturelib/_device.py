"""What the package draws and computes for itself lies on the CPU, whatever the default device is.

``torch.set_default_device("cuda")`` sends every new tensor there. Functions of the package follow
the device of what they are given; where they make something of their own, they say where.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


def cpu_by_default() -> AbstractContextManager[object]:
    """Within the block, tensors made without a device lie on the CPU.

    Without a default device it does nothing, and so costs nothing: PyTorch's own context would put
    a Python function before every call.

    >>> import torch
    >>> with torch.device("meta"), cpu_by_default():
    ...     torch.zeros(2)
    tensor([0., 0.])
    """
    torch = sys.modules.get("torch")
    if torch is None or torch.get_default_device().type == "cpu":
        return nullcontext()
    return torch.device("cpu")


def fill(tensor: Tensor, draw: Callable[[Tensor], object], generator: Generator | None) -> Tensor:
    """Let ``draw`` fill a tensor in place, with numbers from a generator of any device.

    A generator draws on its own device alone. Where the tensor lies on another (a layer that was
    made while ``cuda`` is the default, a generator of the CPU), the numbers are drawn there and
    copied: a seed means the same numbers everywhere.

    >>> import torch
    >>> g = torch.Generator().manual_seed(0)
    >>> fill(torch.empty(2), lambda t: t.normal_(generator=g), g)
    tensor([ 1.5410, -0.2934])
    """
    if generator is None or generator.device == tensor.device:
        draw(tensor)
        return tensor
    draws = tensor.new_empty(tensor.shape, device=generator.device)
    draw(draws)
    return tensor.copy_(draws)

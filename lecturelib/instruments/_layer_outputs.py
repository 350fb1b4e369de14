"""The outputs of some layers while a function runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from torch import Tensor, nn

Result = TypeVar("Result")


def run_with_outputs(
    call: str, run: Callable[[], Result], layers: Sequence[nn.Module]
) -> tuple[Result, list[Tensor]]:
    """Run a function, and return its result and the last output of each module."""
    if not layers:
        raise ValueError(f"{call}: need at least one layer")
    outputs: dict[int, Tensor] = {}

    def keep(i: int) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not isinstance(output, Tensor):
                raise TypeError(
                    f"{call}: layer {i} must return a tensor, got {type(output).__name__}"
                )
            outputs[i] = output

        return hook

    handles = [layer.register_forward_hook(keep(i)) for i, layer in enumerate(layers)]
    try:
        result = run()
    finally:
        for handle in handles:
            handle.remove()
    missing = [i for i in range(len(layers)) if i not in outputs]
    if missing:
        raise ValueError(f"{call}: layers {missing} did not run")
    return result, [outputs[i] for i in range(len(layers))]

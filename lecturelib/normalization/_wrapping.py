"""A layer in a wrapper that changes its weight, and whose saved state is the layer's own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class ParametrizedLayer(nn.Module):
    """A layer one of whose parameters is computed from others.

    The wrapper calls the layer. In a ``state_dict`` it leaves no trace: the keys are those of the
    layer with its parametrization, as if PyTorch had parametrized it in place.

    Args:
        module: The layer; its parameter is replaced in place.
        name: Name of the parameter.
        parametrization: The module that computes it.
    """

    def __init__(self, module: nn.Module, name: str, parametrization: nn.Module) -> None:
        super().__init__()
        # unsafe: no trial call, which for a random parametrization would cost a draw
        parametrize.register_parametrization(module, name, parametrization, unsafe=True)
        self.module = module
        self.name = name
        self._register_state_dict_hook(_drop_own_name)
        self._register_load_state_dict_pre_hook(_add_own_name)

    @property
    def parametrized(self) -> Tensor:
        """The parameter as the layer uses it, computed now."""
        value: Tensor = getattr(self.module, self.name)
        return value

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the layer."""
        return self.module(*args, **kwargs)


def check_layer_parameter(call: str, module: nn.Module, name: str) -> nn.Parameter:
    """The parameter of that name, or an error that says what is wrong with it."""
    if not isinstance(module, nn.Module):
        raise TypeError(f"{call}: module must be a torch.nn.Module, got {type(module).__name__}")
    if parametrize.is_parametrized(module, name):
        raise ValueError(f"{call}: {name!r} of {type(module).__name__} is parametrized already")
    parameter = dict(module.named_parameters(recurse=False)).get(name)
    if parameter is None:
        known = ", ".join(n for n, _ in module.named_parameters(recurse=False)) or "none"
        raise ValueError(
            f"{call}: {type(module).__name__} has no parameter {name!r} of its own; it has {known}"
        )
    if not parameter.is_floating_point():
        raise TypeError(f"{call}: {name!r} must be floating point, got {parameter.dtype}")
    return parameter


def _drop_own_name(
    module: nn.Module, state: dict[str, torch.Tensor], prefix: str, metadata: Any
) -> None:
    """In a saved state: ``module.bias`` becomes ``bias``."""
    _rename(state, f"{prefix}module.", prefix)


def _add_own_name(state: dict[str, torch.Tensor], prefix: str, *rest: Any) -> None:
    """In a state to be loaded: ``bias`` becomes ``module.bias``."""
    _rename(state, prefix, f"{prefix}module.")


def _rename(state: dict[str, torch.Tensor], old: str, new: str) -> None:
    for key in [key for key in state if key.startswith(old)]:
        state[new + key[len(old) :]] = state.pop(key)

"""Put back what an answer may have changed in the process: a check leaves no trace.

Each keeper notes one kind of state and returns the function that puts it back. While the answer
runs, the settings are neutral: the CPU, gradients recorded, no warnings, no floating-point traps.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import math
import operator
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils import _device as default_device

Restore = Callable[[], None]

_DEEPEST = 10_000  # calls inside each other: beyond it the C stack is in danger


@contextlib.contextmanager
def preserved_state() -> Iterator[None]:
    """Run the body under neutral settings, and put everything back afterwards.

    >>> with preserved_state():
    ...     torch.set_default_dtype(torch.float16)
    ...     torch.manual_seed(0).initial_seed()
    0
    >>> torch.get_default_dtype()
    torch.float32
    """
    with contextlib.ExitStack() as stack:
        for keeper in _KEEPERS:
            stack.callback(keeper())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(torch.autocast("cpu", enabled=False))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        np.seterr(all="ignore")
        yield


# --- generators ---------------------------------------------------------------------------------


def _generators() -> Restore:
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch_state = torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []

    def restore() -> None:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        torch.set_rng_state(torch_state)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)

    return restore


# --- settings -----------------------------------------------------------------------------------


def _torch_settings() -> Restore:
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    anomaly, printing = torch.is_anomaly_enabled(), dict(vars(torch._tensor_str.PRINT_OPTS))
    deterministic = torch.are_deterministic_algorithms_enabled()
    precision, flushes = torch.get_float32_matmul_precision(), _flushes_denormals()
    grad = torch.is_grad_enabled()

    def restore() -> None:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        torch.autograd.set_detect_anomaly(anomaly)
        vars(torch._tensor_str.PRINT_OPTS).update(printing)
        # This call imports torch's compiler, which takes seconds: only where it is needed.
        if torch.are_deterministic_algorithms_enabled() != deterministic:
            torch.use_deterministic_algorithms(deterministic)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if torch.get_float32_matmul_precision() != precision:
            torch.set_float32_matmul_precision(precision)
        if _flushes_denormals() != flushes:
            torch.set_flush_denormal(flushes)

    return restore


def _flushes_denormals() -> bool:
    return not (torch.tensor(1e-320, dtype=torch.float64, device="cpu") * 1.0).item()


def _device() -> Restore:
    """The default device, which torch keeps in three places: a holder, a name, and a stack of
    modes. All of them are emptied, so that the CPU is the default."""
    holder, home = torch._GLOBAL_DEVICE_CONTEXT, default_device
    context, current = getattr(holder, "device_context", None), home.CURRENT_DEVICE
    modes = _taken_modes()
    holder.device_context = home.CURRENT_DEVICE = None

    def restore() -> None:
        _taken_modes()  # those that the answer left
        for mode in reversed(modes):
            torch.overrides._push_mode(mode)
        holder.device_context, home.CURRENT_DEVICE = context, current

    return restore


def _taken_modes() -> list[Any]:
    """Torch's modes for functions, the last one first, taken off their stack."""
    return [torch.overrides._pop_mode() for _ in range(torch._C._len_torch_function_stack())]


def _numpy_settings() -> Restore:
    errors, printing, call = np.geterr(), np.get_printoptions(), np.geterrcall()

    def restore() -> None:
        np.seterr(**errors)
        np.seterrcall(call)
        np.set_printoptions(**printing)

    return restore


def _interpreter() -> Restore:
    recursion, collects, trace, profile = (
        sys.getrecursionlimit(),
        gc.isenabled(),
        sys.gettrace(),
        sys.getprofile(),
    )
    path, arguments, interval = list(sys.path), list(sys.argv), sys.getswitchinterval()
    with contextlib.suppress(RecursionError):  # the caller is deeper than that
        sys.setrecursionlimit(min(recursion, _DEEPEST))

    def restore() -> None:
        if sys.gettrace() is not trace:
            sys.settrace(trace)
        if sys.getprofile() is not profile:
            sys.setprofile(profile if callable(profile) else None)  # cProfile can't be put back
        sys.setrecursionlimit(recursion)
        sys.setswitchinterval(interval)
        sys.path[:], sys.argv[:] = path, arguments
        (gc.enable if collects else gc.disable)()

    return restore


def _surroundings() -> Restore:
    environment, folder = dict(os.environ), _folder()

    def restore() -> None:
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        if folder and _folder() != folder:
            os.chdir(folder)

    return restore


def _folder() -> str:
    """The working directory; "" where it was removed under the kernel's feet."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


def _signals() -> Restore:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None  # only the main thread may set them
    names = ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}

    def restore() -> None:
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return restore


def _figures() -> Restore:
    """matplotlib's settings and figures, if it is loaded."""
    matplotlib, pyplot = sys.modules.get("matplotlib"), sys.modules.get("matplotlib.pyplot")
    settings = dict(matplotlib.rcParams) if hasattr(matplotlib, "rcParams") else {}  # type: ignore[union-attr]
    shown = set(pyplot.get_fignums()) if hasattr(pyplot, "get_fignums") else set()  # type: ignore[union-attr]

    def restore() -> None:
        if matplotlib is not None and settings and dict(matplotlib.rcParams) != settings:
            dict.update(matplotlib.rcParams, settings)
        now = sys.modules.get("matplotlib.pyplot")
        for number in set(now.get_fignums() if now is not None else ()) - shown:
            now.close(number)  # type: ignore[union-attr]

    return restore


# --- patches ------------------------------------------------------------------------------------

_SYS = ("stdout", "stderr", "stdin", "displayhook", "excepthook", "exit", "settrace", "setprofile")


def _patches() -> Restore:
    """Functions, classes and numbers of Python, NumPy and torch that an answer has replaced."""
    homes: list[Any] = [builtins, math, random, time, warnings]
    homes += [np, np.linalg, np.random, torch, nn, nn.functional, nn.init, torch.linalg]
    homes += [torch.autograd, torch.special, torch.Tensor, nn.Parameter, nn.Module]
    homes += [v for v in vars(nn).values() if isinstance(v, type)]
    optimizers = sys.modules.get("torch.optim")
    homes += [optimizers] if optimizers is not None else []
    before = [(home, dict(vars(home))) for home in homes]
    streams = {name: getattr(sys, name) for name in _SYS}

    def restore() -> None:
        for name, value in streams.items():
            if getattr(sys, name, None) is not value:
                setattr(sys, name, value)
        for home, values in before:
            if not _untouched(vars(home), values):
                _put_back(home, _public(home, values))

    return restore


def _untouched(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether two name spaces hold the same objects; nearly all do, so it has to be quick."""
    return len(now) == len(before) and all(map(operator.is_, now.values(), before.values()))


def _put_back(home: Any, values: Mapping[str, Any]) -> None:
    now = vars(home)
    for name, value in values.items():
        if now.get(name, now) is not value:
            setattr(home, name, value)
    if home in (builtins, math, random):  # where nothing comes by itself
        for name in set(_public(home, vars(home))) - set(values):
            delattr(home, name)


def _public(home: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of what a module or class holds, that which it never replaces by itself."""
    special = isinstance(home, type)
    return {
        name: value
        for name, value in values.items()
        if not isinstance(value, ModuleType)
        and (not name.startswith("_") or (special and callable(value) and name != "__class__"))
    }


_KEEPERS: tuple[Callable[[], Restore], ...] = (
    _generators,
    _device,
    _torch_settings,
    _numpy_settings,
    _interpreter,
    _surroundings,
    _signals,
    _figures,
    _patches,
)

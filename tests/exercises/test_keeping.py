"""A check leaves the process as it was, whatever the answer does, and works in any state of it."""

from __future__ import annotations

import builtins
import cProfile
import gc
import math
import os
import random
import signal
import sys
import time
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import lecturelib
from lecturelib.exercises.keeping import preserved_state
from tests.exercises.test_catalogue import MODULES

FORWARD = "batch-norm-forward"


def right(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + beta


def in_numpy(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


# What an answer does, and how to see whether it is still so.
VANDALS = {
    "default device": (lambda: torch.set_default_device("meta"), lambda: torch.zeros(1).device),
    "a device's context": (lambda: torch.device("meta").__enter__(), lambda: torch.zeros(1).device),
    "a mode": (lambda: Mode().__enter__(), torch._C._len_torch_function_stack),
    "default type": (lambda: torch.set_default_dtype(torch.float16), torch.get_default_dtype),
    "gradients": (lambda: torch.set_grad_enabled(False), torch.is_grad_enabled),
    "anomalies": (lambda: torch.autograd.set_detect_anomaly(True), torch.is_anomaly_enabled),
    "threads": (lambda: torch.set_num_threads(3), torch.get_num_threads),
    "denormals": (
        lambda: torch.set_flush_denormal(True),
        lambda: (torch.tensor(1e-320, dtype=torch.float64) * 1).item(),
    ),
    "matmul": (
        lambda: torch.set_float32_matmul_precision("medium"),
        torch.get_float32_matmul_precision,
    ),
    "torch's printing": (
        lambda: torch.set_printoptions(precision=1, sci_mode=True),
        lambda: repr(torch.tensor([0.123456])),
    ),
    "numpy's printing": (
        lambda: np.set_printoptions(precision=1),
        lambda: repr(np.array([0.123456])),
    ),
    "numpy's errors": (lambda: np.seterr(all="raise"), np.geterr),
    "torch's generator": (lambda: torch.manual_seed(1), torch.get_rng_state),
    "numpy's generator": (lambda: np.random.seed(1), lambda: np.random.get_state()[1]),  # noqa: NPY002
    "python's generator": (lambda: random.seed(1), random.getstate),
    "warnings": (lambda: warnings.simplefilter("error"), lambda: warnings.filters[:]),
    "folder": (lambda: os.chdir("/"), os.getcwd),
    "environment": (lambda: os.environ.update(A_CHECK="1"), lambda: dict(os.environ)),
    "stop button": (
        lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        lambda: signal.getsignal(signal.SIGINT),
    ),
    "alarm": (lambda: signal.alarm(1), lambda: signal.getitimer(signal.ITIMER_REAL)[0] > 0),
    "collector": (gc.disable, gc.isenabled),
    "recursion": (lambda: sys.setrecursionlimit(5000), sys.getrecursionlimit),
    "path": (lambda: sys.path.insert(0, "/nowhere"), lambda: list(sys.path)),
    "stdout": (lambda: setattr(sys, "stdout", None), lambda: sys.stdout),
    "a function of torch": (lambda: setattr(torch, "var", None), lambda: torch.var),
    "a function of numpy": (lambda: setattr(np, "mean", None), lambda: np.mean),
    "linear algebra": (lambda: setattr(np.linalg, "inv", None), lambda: np.linalg.inv),
    "a loss": (
        lambda: setattr(nn.functional, "mse_loss", None),
        lambda: nn.functional.mse_loss,
    ),
    "a method of tensors": (
        lambda: setattr(torch.Tensor, "backward", None),
        lambda: torch.Tensor.backward,
    ),
    "a layer's forward": (
        lambda: setattr(nn.Linear, "forward", None),
        lambda: nn.Linear.forward,
    ),
    "a constant": (lambda: setattr(math, "pi", 3), lambda: math.pi),
    "the clock": (lambda: setattr(time, "perf_counter", lambda: 0), lambda: time.perf_counter),
    "a built-in": (lambda: setattr(builtins, "sum", max), lambda: builtins.sum),
    "a new built-in": (
        lambda: setattr(builtins, "answer", 1),
        lambda: hasattr(builtins, "answer"),
    ),
}


@pytest.mark.parametrize("what", VANDALS)
def test_what_an_answer_changes_is_put_back(what):
    damage, look = VANDALS[what]
    before = look()

    def vandal(x, gamma, beta, eps):
        damage()
        return right(x, gamma, beta, eps)

    lecturelib.check(FORWARD, vandal)
    after = look()
    same = torch.equal if isinstance(before, torch.Tensor) else np.array_equal
    assert same(before, after) if isinstance(before, torch.Tensor | np.ndarray) else before == after
    assert lecturelib.check(FORWARD, right), "and the next check works"


def test_a_trace_function_is_put_back():
    earlier = sys.gettrace()

    def traces(x, gamma, beta, eps):
        sys.settrace(lambda *_: None)
        sys.setprofile(lambda *_: None)
        return right(x, gamma, beta, eps)

    lecturelib.check(FORWARD, traces)
    assert sys.gettrace() is earlier
    assert sys.getprofile() is None


def test_a_check_works_under_a_profiler_that_python_cannot_put_back():
    """``%prun`` is such a one; a check that records the calls of an answer takes its place."""
    records = MODULES["batch-norm-backward"].RIGHT[0]
    with cProfile.Profile() as profiler:
        assert lecturelib.check("batch-norm-backward", records)
    assert not callable(profiler)
    assert sys.getprofile() is None


def test_figures_that_an_answer_draws_are_closed():
    plt = pytest.importorskip("matplotlib.pyplot")
    shown, size = plt.get_fignums(), plt.rcParams["font.size"]

    def draws(x, gamma, beta, eps):
        plt.rcParams["font.size"] = 30
        plt.figure()
        return right(x, gamma, beta, eps)

    assert lecturelib.check(FORWARD, draws)
    assert (plt.get_fignums(), plt.rcParams["font.size"]) == (shown, size)


# --- checks in any state ------------------------------------------------------------------------


@pytest.fixture(params=["default", "context"])
def meta(request):
    if request.param == "default":
        torch.set_default_device("meta")
        yield
        torch.set_default_device(None)
    else:
        with torch.device("meta"):
            yield


SLUGS = ["batch-norm-forward", "batch-norm-identity", "optimizers-adam", "output-units-logsumexp"]


@pytest.mark.parametrize("slug", SLUGS)
def test_checks_work_on_any_default_device(slug, meta):
    assert torch.zeros(1).is_meta
    reply = lecturelib.check(slug, lambda *arguments: arguments[0] * 2)
    assert reply.status == "not yet"
    assert reply.code not in ("not-understood", "exception")
    if slug == FORWARD:
        assert lecturelib.check(FORWARD, right)
    assert torch.zeros(1).is_meta
    assert lecturelib.exercises.given("batch-norm-identity", "ada")["x"].device.type == "cpu"


def test_right_answers_pass_under_traps_for_floating_point():
    with np.errstate(all="raise"):
        assert lecturelib.check(FORWARD, in_numpy)

        def underflows(x, gamma, beta, eps):
            np.exp(np.float64(-1e6)), np.float64(1) / np.float64(0)
            return in_numpy(x, gamma, beta, eps)

        assert lecturelib.check(FORWARD, underflows)
        assert np.geterr()["over"] == "raise"


@pytest.mark.parametrize(
    "state",
    [torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu", dtype=torch.bfloat16)],
)
def test_right_answers_pass_in_the_callers_mode(state):
    with state():
        assert lecturelib.check(FORWARD, right)


def test_what_raises_is_put_back_as_well():
    def breaks(x, gamma, beta, eps):
        torch.set_default_dtype(torch.float16)
        raise ValueError

    assert lecturelib.check(FORWARD, breaks).code == "exception"
    assert torch.get_default_dtype() == torch.float32


def test_nothing_is_lost_on_the_way_out_of_an_error():
    state = random.getstate()
    with pytest.raises(ZeroDivisionError):
        _fails_in_the_middle()
    assert random.getstate() == state


def _fails_in_the_middle():
    with preserved_state():
        random.seed(5)
        return 1 / 0

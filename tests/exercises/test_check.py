"""What check does with answers that misbehave, and what it leaves behind: nothing."""

from __future__ import annotations

import itertools
import math
import os
import random
import time
import warnings

import numpy as np
import pytest
import torch
from torch import nn

import lecturelib
from lecturelib.exercises import Exercise, calling, comparing, draws, trial
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.registry import find
from tests.exercises.test_catalogue import MODULES

FORWARD = "batch-norm-forward"


def right(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + beta


# --- not answered yet ---------------------------------------------------------------------------


def empty(x, gamma, beta, eps):
    """To be written."""


def dots(x, gamma, beta, eps): ...


def none(x, gamma, beta, eps):
    return None


def not_implemented(x, gamma, beta, eps):
    raise NotImplementedError


def not_implemented_with_words(x, gamma, beta, eps):
    x = x.mean(0)
    raise NotImplementedError("to be done")


STUBS = [None, ..., "", "  ", "YOUR ANSWER HERE", empty, dots, none, not_implemented]


NAMES = [
    getattr(answer, "__name__", repr(answer)) for answer in [*STUBS, not_implemented_with_words]
]


@pytest.mark.parametrize("answer", [*STUBS, not_implemented_with_words], ids=NAMES)
def test_a_form_that_is_still_empty_is_no_failure(answer):
    reply = lecturelib.check(FORWARD, answer)
    assert reply.status == "not answered"
    assert not reply
    assert "wanted is a function batch_norm_forward" in repr(reply)
    assert "not answered yet" in repr(reply)


@pytest.mark.parametrize("slug", MODULES)
@pytest.mark.parametrize("answer", [None, ..., ""])
def test_every_exercise_knows_the_empty_form(slug, answer):
    assert lecturelib.check(slug, answer).status == "not answered"


def test_a_forgotten_return_is_a_mistake():
    def forgets(x, gamma, beta, eps):
        right(x, gamma, beta, eps)

    reply = lecturelib.check(FORWARD, forgets)
    assert reply.code == "nothing-returned"
    assert "`return`" in reply.says


def test_torchs_own_not_implemented_error_is_no_empty_form():
    reply = lecturelib.check(FORWARD, lambda x, gamma, beta, eps: nn.Module()(x))
    assert reply.code == "exception"


# --- wrong kinds of answer ----------------------------------------------------------------------

ODD = [3, 2.5, "abc", [1, 2], {"a": 1}, {1}, b"x", 1j, np.zeros(3), torch.zeros(2), object(), max]
ODD += [nn.Linear(2, 2), nn.Linear, lambda: 1, lambda *a: "text", lambda *a: [[1], [2, 3]]]
ODD += [lambda *a: torch.tensor(1j), lambda *a: (torch.zeros(1), "x"), lambda *a: float("nan")]


@pytest.mark.no_cover  # the catalogue runs the same lines
@pytest.mark.parametrize("slug", MODULES)
@pytest.mark.parametrize("answer", ODD, ids=lambda answer: type(answer).__name__)
def test_every_exercise_replies_to_any_kind_of_answer(slug, answer):
    reply = lecturelib.check(slug, answer)
    assert reply.status == "not yet"
    assert reply.code != "not-understood"
    assert len(reply.says) > 10
    assert reply._repr_html_()


def test_an_answer_that_no_check_can_read_gets_a_reply_all_the_same():
    class Strange:
        def __len__(self):
            raise RuntimeError("no length")

    class Sneaky(list):
        def __iter__(self):
            raise RuntimeError("no length")

    assert lecturelib.check("batch-norm-identity", Strange()).code == "not-a-pair"
    reply = lecturelib.check("batch-norm-identity", Sneaky())
    assert reply.code == "not-understood"
    assert "no length" in reply.says


def test_the_number_of_arguments_is_named():
    reply = lecturelib.check(FORWARD, lambda x: x)
    assert reply.code == "wrong-arguments"
    assert "4 arguments" in reply.says
    assert "(x, gamma, beta, eps)" in reply.says


def test_a_class_is_no_function():
    reply = lecturelib.check(FORWARD, nn.BatchNorm1d)
    assert (reply.code, "a class" in reply.says) == ("not-a-function", True)


def test_a_callable_object_may_answer():
    class Answer:
        def __call__(self, x, gamma, beta, eps):
            return right(x, gamma, beta, eps)

        def method(self, x, gamma, beta, eps):
            return right(x, gamma, beta, eps)

    assert lecturelib.check(FORWARD, Answer())
    assert lecturelib.check(FORWARD, Answer().method)


# --- exceptions ---------------------------------------------------------------------------------


def breaks(x, gamma, beta, eps):
    wide = torch.cat([x, x])
    return gamma * (x - wide) + beta  # the student's line


def test_an_exception_is_shown_at_the_students_line_with_call_and_shapes():
    reply = lecturelib.check(FORWARD, breaks)
    assert reply.code == "exception"
    assert "RuntimeError" in reply.says
    assert reply.tried.startswith("breaks(x, gamma, beta, eps) with x = a tensor of shape (6, 3)")
    assert any(line.startswith("→") and "the student's line" in line for line in reply.lines)
    assert "x (6, 3)" in reply.lines[-1]
    assert "wide (12, 3)" in reply.lines[-1]
    assert "the student's line" in repr(reply)
    assert "the student" in reply._repr_html_()


def test_an_exception_inside_a_module_is_shown_at_its_forward():
    class Answer(nn.Module):
        def forward(self, x, gamma, beta, eps):
            return x @ x  # shapes do not fit

    assert any("shapes do not fit" in line for line in lecturelib.check(FORWARD, Answer()).lines)


def test_code_without_source_is_reported_without_lines():
    scope: dict = {}
    exec("def answer(x, gamma, beta, eps):\n    return 1 / 0", scope)
    reply = lecturelib.check(FORWARD, scope["answer"])
    assert "ZeroDivisionError" in reply.says


@pytest.mark.parametrize("error", [SystemExit, RecursionError, MemoryError, AssertionError])
def test_other_ways_to_stop(error):
    def stops(x, gamma, beta, eps):
        raise error

    assert lecturelib.check(FORWARD, stops).code in ("exit", "exception")


def test_the_stop_button_still_works():
    def interrupted(x, gamma, beta, eps):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lecturelib.check(FORWARD, interrupted)


# --- time ---------------------------------------------------------------------------------------


def loops(x, gamma, beta, eps):
    while True:
        pass


def swallows(x, gamma, beta, eps):
    while True:
        try:
            sum(range(1000))
        except Exception:
            continue


def swallows_once(x, gamma, beta, eps):
    try:
        loops(x, gamma, beta, eps)
    except:  # noqa: E722
        loops(x, gamma, beta, eps)


@pytest.mark.parametrize("answer", [loops, swallows, swallows_once])
def test_an_answer_that_does_not_end_is_stopped(answer):
    start = time.process_time()
    reply = lecturelib.check(FORWARD, answer)
    assert reply.code == "too-slow"
    assert "loop" in reply.says
    assert reply.lines
    assert time.process_time() - start < 2.5


# --- what is left behind ------------------------------------------------------------------------


def vandal(x, gamma, beta, eps):
    print("I was here")
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float16)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(True)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    torch.set_num_threads(3)
    return right(x, gamma, beta, eps)


def test_no_global_state_changes(capsys):
    torch.use_deterministic_algorithms(False)  # its first call imports for seconds
    torch.manual_seed(7)
    before = (
        torch.get_rng_state(),
        np.random.get_state()[1].copy(),  # noqa: NPY002
        random.getstate(),
    )
    settings = (
        torch.get_default_dtype(),
        np.geterr(),
        torch.get_num_threads(),
        warnings.filters[:],
    )
    reply = lecturelib.check(FORWARD, vandal)
    after = (torch.get_rng_state(), np.random.get_state()[1], random.getstate())  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert (before[1] == after[1]).all()
    assert before[2] == after[2]
    assert settings == (
        torch.get_default_dtype(),
        np.geterr(),
        torch.get_num_threads(),
        warnings.filters[:],
    )
    assert torch.is_grad_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    assert not torch.is_anomaly_enabled()
    assert capsys.readouterr() == ("", "")
    assert "I was here" in reply.printed
    assert "I was here" in repr(reply)
    assert "I was here" in reply._repr_html_()


@pytest.mark.no_cover  # the catalogue runs the same lines
@pytest.mark.parametrize("slug", MODULES)
def test_checking_draws_nothing_from_the_global_generators(slug):
    answer = MODULES[slug].RIGHT[0]
    torch.manual_seed(3)
    state = torch.get_rng_state()
    lecturelib.check(slug, answer)
    assert torch.equal(state, torch.get_rng_state())


def test_gradients_flow_in_an_answer_though_the_caller_switched_them_off():
    with torch.no_grad():
        assert lecturelib.check(FORWARD, right)
        assert not torch.is_grad_enabled()


def test_endless_printing_is_cut():
    def talks(x, gamma, beta, eps):
        for _ in range(10_000):
            print("again and again")
        return right(x, gamma, beta, eps)

    reply = lecturelib.check(FORWARD, talks)
    assert reply
    assert len(reply.printed) <= 2_000


def test_arguments_of_every_kind_are_copies():
    original = {
        "tensor": torch.zeros(2),
        "array": np.zeros(2),
        "list": [1],
        "module": nn.BatchNorm1d(2),
    }

    def writes(tensor, array, items, module):
        tensor += 1
        array += 1
        items.append(2)
        module.train(False)

    outcome = calling.call(writes, original, 1.0)
    assert outcome.changed == ("tensor", "array", "list", "module")
    assert not original["tensor"].any()
    assert not original["array"].any()
    assert original["list"] == [1]
    assert original["module"].training


# --- remarks ------------------------------------------------------------------------------------


def test_a_fragile_formula_passes_with_a_remark():
    def one_pass(x, gamma, beta, eps):
        var = (x**2).mean(0) - x.mean(0) ** 2
        return gamma * (x - x.mean(0)) / (var + eps).sqrt() + beta

    reply = lecturelib.check(FORWARD, one_pass)
    assert reply
    assert "fragile" in reply.remarks[0]
    assert not lecturelib.check(FORWARD, right).remarks


def test_lost_digits_are_remarked():
    def in_float32(x, gamma, beta, eps):
        return right(x.float(), gamma.float(), beta.float(), eps)

    reply = lecturelib.check(FORWARD, in_float32)
    assert reply
    assert reply.remarks == ("The result is float32, which keeps 6 digits; float64 keeps 15.",)


def test_lost_digits_are_remarked_where_the_arguments_are_plain_numbers():
    def errors(curvature, length, k):
        rise = torch.tensor(curvature * length**2)  # float32
        return rise * (2 * k - 1) / k**2 / 2, rise / k / 2

    reply = lecturelib.check("universal-approximation-pieces-error", errors)
    assert reply
    assert reply.remarks == ("The result is float32, which keeps 6 digits; float64 keeps 15.",)


# --- keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["batch-norm-identity", "batch-norm-in-networks-dropout-order"])
def test_the_numbers_of_another_key_are_recognized(slug):
    mine = MODULES[slug].RIGHT[0]
    different = next(
        key
        for key in "abcdefghij"
        if str(lecturelib.exercises.given(slug, key)) != str(lecturelib.exercises.given(slug))
    )
    reply = lecturelib.check(slug, mine, key=different)
    assert reply.code == "another-key"


@pytest.fixture
def drawn(monkeypatch):
    """The numbers that are drawn for a key."""
    numbers, units = [], draws._units

    def watched(seed):
        for number in units(seed):
            numbers.append(number)
            yield number

    monkeypatch.setattr(draws, "_units", watched)
    return numbers


KEYS = ("ada", "emmy", 4711)


@pytest.mark.no_cover  # the catalogue runs the same lines, and under coverage they take 2.4 times
@pytest.mark.parametrize("slug", MODULES)
def test_functions_are_tried_on_other_numbers_and_diagnosed_alike(slug, drawn):
    """The right answer with each key, each wrong one with one of them, or FRESH=1: with all."""
    module = MODULES[slug]
    if not callable(module.RIGHT[0]):
        pytest.skip("the answer is no function")
    if isinstance(module.RIGHT[0], nn.Module) and find(slug).given:
        pytest.skip("a network that was trained on the numbers of one key")
    for key in KEYS:
        assert lecturelib.check(slug, module.RIGHT[0], key=key)
    if not drawn:
        return  # each key has the same numbers, and those are the catalogue's
    for (code, answer), one in zip(module.WRONG.items(), itertools.cycle(KEYS), strict=False):
        for key in KEYS if os.environ.get("FRESH") else (one,):
            assert lecturelib.check(slug, answer, key=key).code == code


# --- the engine's own parts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.zeros(2, 3), "a tensor of shape (2, 3)"),
        (np.zeros(9), "an array of shape (9,)"),
        (torch.tensor(2.0), "2"),
        (torch.tensor([1, 2]), "[1, 2]"),
        (True, "True"),
        ((1, 2.5), "(1, 2.5)"),
        (nn.Linear(2, 3), "Linear(2, 3)"),
        (nn.Linear(2, 3, bias=False), "Linear(2, 3, bias=False)"),
        (nn.Sequential(nn.ReLU(), nn.Flatten()), "ReLU → Flatten"),
        (nn.ReLU(), "ReLU()"),
        (math.sqrt, "the function sqrt"),
        ("x" * 500, "'" + "x" * 298 + "… (str)"),
    ],
)
def test_values_in_words(value, words):
    assert trial.describe(value) == words


def judged(answer, oracle, slips=(), formula=None):
    cases = [
        trial.Case("three", {"x": torch.tensor([1.0, 2.0, 4.0]).double()}),
        trial.Case("two", {"x": torch.tensor([-1.0, 0.0]).double()}),
    ]
    examined = trial.Trial(answer, Draws("test"))
    with pytest.raises(trial.Finding) as found:
        comparing.judge(examined, cases, oracle, parts=("y",), slips=slips, formula=formula)
    return found.value


def test_a_slip_that_is_impossible_for_a_shape_is_passed_over():
    def formula(x, *, reshape=None):
        return x.reshape(reshape) if reshape else x**2

    slip = comparing.Slip("square", "…", {"reshape": (3, 3)})
    assert judged(lambda x: x + 0, lambda x: x**2, [slip], formula).code == "different"


def test_a_record_that_gives_no_numbers_says_so():
    with pytest.raises(ValueError, match="gives no numbers"):
        lecturelib.exercises.given(FORWARD)
    assert isinstance(lecturelib.list_exercises()[0], Exercise)

"""Answers in other styles: for tensors or arrays, in any callable, in any container."""

from __future__ import annotations

import functools
import math
from collections import namedtuple
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

import lecturelib
from lecturelib.exercises import calling, comparing, reading, trial
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.finding import Finding

FORWARD = "batch-norm-forward"


def in_torch(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + eps) + beta


def in_numpy(x, gamma, beta, eps):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta


def in_either(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / (x.var(0) + eps) ** 0.5 + beta


def in_lists(x, gamma, beta, eps):
    columns = [list(column) for column in zip(*[list(row) for row in x], strict=True)]
    out = []
    for column, g, b in zip(columns, gamma, beta, strict=True):
        mean = sum(column) / len(column)
        var = sum((v - mean) ** 2 for v in column) / len(column)
        out.append([float(g) * float(v - mean) / math.sqrt(var + eps) + float(b) for v in column])
    return [list(row) for row in zip(*out, strict=True)]


def through_numpy(x, gamma, beta, eps):
    arrays = (value.detach().numpy() for value in (x, gamma, beta))
    return torch.from_numpy(in_numpy(*arrays, eps))


def mixed(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0) + eps) + beta


class Called:
    def __init__(self, function):
        self.function = function

    def __call__(self, x, gamma, beta, eps):
        return self.function(x, gamma, beta, eps)

    def method(self, x, gamma, beta, eps):
        return self.function(x, gamma, beta, eps)


class Module(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x, gamma, beta, eps):
        return self.function(x, gamma, beta, eps)


FUNCTIONS = [in_torch, in_numpy, in_either, in_lists, through_numpy, mixed]
WRAPPERS = {
    "function": lambda f: f,
    "lambda": lambda f: lambda x, gamma, beta, eps: f(x, gamma, beta, eps),
    "partial": lambda f: functools.partial(lambda one, *rest: f(*rest), 1),
    "object": Called,
    "method": lambda f: Called(f).method,
    "module": Module,
    "cached": lambda f: functools.wraps(f)(lambda *arguments: f(*arguments)),
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_right_answers_pass_in_any_callable(function, wrapper):
    draws = Draws("a-test")
    numbers = {"x": draws.normal(6, 3), "gamma": draws.signed(3), "beta": draws.signed(3)}
    answer = trial.Trial(WRAPPERS[wrapper](function), draws)
    comparing.judge(answer, [trial.Case("six", {**numbers, "eps": 0.1})], in_torch)


@pytest.mark.filterwarnings("ignore")
def test_a_traced_function_passes():
    example = (torch.randn(4, 3), torch.ones(3), torch.ones(3), torch.tensor(0.1))
    assert lecturelib.check(FORWARD, torch.jit.trace(in_torch, example))


def test_a_librarys_default_is_no_mistake_of_the_student():
    """x.var(0) divides by N in NumPy and by N − 1 in torch: the check chose the kind."""
    reply = lecturelib.check(FORWARD, in_either)
    assert reply
    assert any("N − 1" in remark for remark in reply.remarks)

    def with_another_mistake(x, gamma, beta, eps):
        return gamma * (x - x.mean(0)) / (x.var(0) + eps) ** 0.5

    assert lecturelib.check(FORWARD, with_another_mistake).code == "beta-missing"


def test_a_choice_of_the_student_is_one():
    def in_torch_with_its_default(x, gamma, beta, eps):
        return gamma * (x - x.mean(0)) / torch.sqrt(torch.var(x, 0) + eps) + beta

    assert lecturelib.check(FORWARD, in_torch_with_its_default).code == "unbiased-variance"


def test_the_error_is_that_of_the_kind_it_is_written_for():
    def breaks(x, gamma, beta, eps):
        return np.linalg.inv(x) @ x.astype(float)

    reply = lecturelib.check(FORWARD, breaks)
    assert reply.code == "exception"
    assert "LinAlgError" in reply.says


@pytest.mark.parametrize(
    ("function", "first"),
    [
        (lambda x: np.mean(x), "array"),
        (lambda x: [np.mean(row) for row in x], "array"),
        (functools.partial(np.mean, axis=0), "tensor"),
        (lambda x: torch.mean(x), "tensor"),
        (lambda x: torch.from_numpy(np.asarray(x)), "tensor"),
        (len, "tensor"),
        (Called(in_numpy), "tensor"),
    ],
)
def test_names_decide_no_more_than_the_order(function, first):
    kinds = calling.kinds(function, {"x": torch.zeros(2)})
    assert kinds[0] == first
    assert set(kinds) == {"tensor", "array", "list"}


def test_functions_of_numbers_may_want_tensors():
    outcome = calling.call(lambda x: torch.exp(x), {"x": 0.5}, 1.0)
    assert outcome.value.item() == pytest.approx(math.exp(0.5))


# --- containers ---------------------------------------------------------------------------------

PARTS = ("the mean", "the variance")
Pair = namedtuple("Pair", "variance mean")


@dataclass
class Result:
    variance: torch.Tensor
    mean: torch.Tensor


def tensors(x):
    return x.mean(0), x.var(0, correction=0)


CONTAINERS = {
    "tuple": lambda m, v: (m, v),
    "list": lambda m, v: [m, v],
    "stacked": lambda m, v: torch.stack([m, v]),
    "last axis": lambda m, v: torch.stack([m, v], -1),
    "array": lambda m, v: np.array([m.numpy(), v.numpy()]),
    "nested lists": lambda m, v: [m.tolist(), v.tolist()],
    "dict": lambda m, v: {"mean": m, "variance": v},
    "dict in another order": lambda m, v: {"variance": v, "mean": m},
    "dict with short names": lambda m, v: {"var": v, "Mean": m},
    "namedtuple": lambda m, v: Pair(v, m),
    "dataclass": lambda m, v: Result(v, m),
    "generator": lambda m, v: (part for part in (m, v)),
    "float32": lambda m, v: (m.float(), v.float()),
    "with a graph": lambda m, v: (m.requires_grad_(), v.requires_grad_()),
    "lists of tensors": lambda m, v: [list(m), list(v)],
    "sparse": lambda m, v: (m.to_sparse(), v),
    "complex": lambda m, v: (m.to(torch.complex128), v),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_parts_are_read_from_any_container(container):
    cases = [trial.Case("six", {"x": Draws("a").normal(6, 3)})]
    answer = lambda x: CONTAINERS[container](*tensors(torch.as_tensor(x)))  # noqa: E731
    comparing.judge(trial.Trial(answer, Draws("test")), cases, tensors, parts=PARTS)


@pytest.mark.parametrize(
    "values",
    [
        (3, 0.5),
        [np.float64(3), np.float32(0.5)],
        np.array([3, 0.5]),
        torch.tensor([3, 0.5]),
        torch.tensor([[3, 0.5]])[0],
        {"bias": 0.5, "weight": torch.tensor(3)},
        {"w": 3, "b": 0.5},
        {"x": 3, "y": 0.5},
        (Fraction(3), Fraction(1, 2)),
    ],
)
def test_numbers_are_read_as_what_they_hold(values):
    weight, bias = reading.read_parts(reading.plain(values), ("the weight", "the bias"))
    assert (weight.item(), bias.item()) == (3, 0.5)


STEP = ("the new theta", "the new mean of the gradient", "the new mean of its square")
BALL = ("the learning rate", "the momentum", "the rate of contraction")


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("theta", "s", "r"), STEP),
        (("theta", "r", "s"), STEP),
        (("c", "a"), ("the bias", "the weights")),
        (("w", "b"), ("the bias", "the weights")),
        (("mu", "sigma2", "n"), ("the mean", "the variance", "the count")),
        (("m", "v", "c"), ("the variance", "the mean", "the count")),
        (("lr", "m", "r"), BALL),
        (("rho", "alpha", "r"), BALL),
    ],
)
def test_names_that_mean_something_else_leave_the_order(names, parts):
    oracle = lambda x: tuple(i + x.sum() for i in range(len(parts)))  # noqa: E731
    cases = [trial.Case("three", {"x": Draws("a").normal(3)})]
    answer = lambda x: dict(zip(names, oracle(torch.as_tensor(x)), strict=True))  # noqa: E731
    comparing.judge(trial.Trial(answer, Draws("t")), cases, oracle, parts=parts, gradients=("x",))


def test_names_to_the_letter_are_kept():
    answer = lambda x: {"mean": x.max(), "variance": x.min()}  # noqa: E731
    cases = [trial.Case("three", {"x": Draws("a").normal(3)})]
    with pytest.raises(Finding):
        comparing.judge(
            trial.Trial(answer, Draws("t")),
            cases,
            lambda x: (x.max(), x.min()),
            parts=("the variance", "the mean"),
        )


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("kept", [tuple, list, torch.stack, lambda v: (torch.stack(v),)])
def test_a_tuple_of_one_is_a_vector_where_one_is_wanted(kept, n):
    answer = lambda x: kept([2 * v for v in torch.as_tensor(x)])  # noqa: E731
    cases = [trial.Case("a vector", {"x": Draws("a").normal(n)})]
    oracle = lambda x: 2 * x  # noqa: E731
    comparing.judge(trial.Trial(answer, Draws("t")), cases, oracle, gradients=("x",))


def test_a_tuple_of_one_holds_a_single_number():
    comparing.judge(
        trial.Trial(lambda x: (x.sum(),), Draws("t")),
        [trial.Case("a vector", {"x": Draws("a").normal(3)})],
        lambda x: x.sum(),
    )


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (True, 1.0),
        (np.bool_(True), 1.0),
        (torch.tensor([1, 0]) == 1, [1.0, 0.0]),
        (10**30, 1e30),
        ([[1, 2], [3, 4]], [[1.0, 2.0], [3.0, 4.0]]),
        (range(3), [0.0, 1.0, 2.0]),
        (np.float16(0.5), 0.5),
    ],
)
def test_other_numbers(value, wanted):
    assert reading.to_tensor(reading.plain(value)).tolist() == wanted


@pytest.mark.parametrize("value", ["1", None, object(), 1j, [[1], [2, 3]], {"a": 1}, b"1"])
def test_what_is_no_number(value):
    assert reading.to_tensor(value) is None


@pytest.mark.parametrize(
    "answer",
    [
        "a, c",
        "ac",
        "(a) and (C)",
        " A c. ",
        ["a", "c"],
        {"a", "c"},
        ("(a)", "(c)"),
        ["a, c"],
        {"a": True, "b": False, "c": True},
        {"a": 1, "b": 0, "c": 1},
        {"(a)": "yes", "(b)": "no", "C": "True"},
        [True, False, True],
        np.array([True, False, True]),
        torch.tensor([True, False, True]),
        np.array(["a", "c"]),
    ],
)
def test_letters_are_read_in_any_form(answer):
    assert reading.letters(answer, "abc") == {"a", "c"}


@pytest.mark.parametrize("answer", ["", "x", 3, None, [], {"a": "perhaps"}, [True], b"a", [1, 2]])
def test_what_names_no_letter(answer):
    with pytest.raises(Finding) as found:
        reading.letters(answer, "abc")
    assert found.value.code == "not-letters"


def test_a_dict_of_numbers_is_read_by_its_names():
    assert reading.unnamed({"h": 3, "alpha": 1, "beta": 2}, ("alpha", "beta", "h")) == (1, 2, 3)
    assert reading.unnamed([1, 2, 3], ("alpha", "beta", "h")) == [1, 2, 3]

"""Rules of a statement, and gradients where it asks for them: seen by what a call does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.exercises import comparing, trial
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.rules import Rule, leaves_arguments, no_autograd, not_calling
from lecturelib.losses import cross_entropy


def found(answer, oracle, **asked):
    """The code of the finding, and its words."""
    draws = Draws("a-test")
    cases = [
        trial.Case("four", {"x": draws.normal(4, 3), "w": draws.signed(3)}),
        trial.Case("two", {"x": draws.normal(2, 3), "w": draws.signed(3)}),
    ]
    examined = trial.Trial(answer, draws)
    try:
        comparing.judge(examined, cases, oracle, **asked)
    except trial.Finding as finding:
        return finding.code, finding.says
    return "passed", " ".join(examined.remarks)


# --- gradients ----------------------------------------------------------------------------------


def weighted(x, w):
    return ((x - x.mean(0)) * w).square().sum(1)


def with_helper_in_place(x, w):
    y = x - x.mean(0)
    y *= w
    return y.square().sum(1)


RIGHT = [weighted, with_helper_in_place, lambda x, w: list(weighted(x, w))]
RIGHT += [lambda x, w: weighted(x.float(), w.float())]
CUT = {
    "gradient-cut": [
        lambda x, w: weighted(x, w).detach(),
        lambda x, w: weighted(x, w).tolist(),
        lambda x, w: [row.item() for row in weighted(x, w)],
        lambda x, w: torch.tensor(weighted(x, w).tolist()),
        lambda x, w: weighted(x.data, w.data),
        lambda x, w: (np.square((x - x.mean(0)) * w)).sum(1),
        lambda x, w: torch.from_numpy(np.square((x - x.mean(0)) * w).sum(1)),
        torch.no_grad()(weighted),
    ],
    "gradient-lost": [
        lambda x, w: weighted(x, w.detach()),
        lambda x, w: weighted(x.detach(), w),
        lambda x, w: weighted(x, torch.tensor(w.tolist())),
    ],
    "gradient-wrong": [
        lambda x, w: ((x - x.mean(0).detach()) * w).square().sum(1),
        lambda x, w: weighted(x, w) + 3 * (w - w.detach()).sum(),
    ],
}


@pytest.mark.parametrize("answer", RIGHT)
def test_right_gradients_pass(answer):
    assert found(answer, weighted, gradients=("x", "w"))[0] == "passed"


@pytest.mark.parametrize(("code", "i"), [(c, i) for c, a in CUT.items() for i in range(len(a))])
def test_cut_gradients_are_found_where_they_are_asked_for(code, i):
    answer = CUT[code][i]
    assert found(answer, weighted)[0] == "passed"
    got, says = found(answer, weighted, gradients=("x", "w"))
    assert got == code
    assert "the statement asks for gradients" in says


def test_cotangents_are_random():
    """With ones in their place a centred result has gradient 0, whatever its mean does."""

    def centred(x, w):
        return (x - x.mean(0)) * w

    def detached(x, w):
        return (x - x.mean(0)).detach() * w + 0 * x

    assert found(detached, centred, gradients=("x",))[0] == "gradient-wrong"


def test_several_parts_and_kinks():
    def both(x, w):
        return x.relu().sum(), w.square()

    def one_cut(x, w):
        return x.relu().sum().detach(), w.square()

    asked = {"parts": ("the sum", "the squares"), "gradients": ("w",)}
    assert found(one_cut, both, **asked)[0] == "passed"
    code, says = found(one_cut, both, **{**asked, "gradients": ("x", "w")})
    assert (code, "`x`" in says) == ("gradient-lost", True)
    kink = trial.Case("a kink", {"x": torch.zeros(1).double()}, smooth=False)
    other = trial.Trial(lambda x: x.abs(), Draws("test"))
    comparing.judge(other, [kink], lambda x: x.relu() * 2, gradients=("x",))


# --- rules --------------------------------------------------------------------------------------


def slope(x, w):
    return 2 * (x @ w)[:, None] * w


def by_backward(x, w):
    x = x.clone().requires_grad_()
    (x @ w).square().sum().backward()
    return x.grad


def by_grad(x, w):
    x = x.clone().requires_grad_()
    return torch.autograd.grad((x @ w).square().sum(), x)[0]


class ByHelper:
    def helper(self, x, w):
        return by_grad(x, w)

    def __call__(self, x, w):
        return self.helper(x, w)


DIFFERENTIATE = [
    by_backward,
    by_grad,
    ByHelper(),
    lambda x, w: torch.func.grad(lambda v: (v @ w).square().sum())(x),
    lambda x, w: torch.autograd.functional.jacobian(lambda v: (v @ w).square().sum(), x),
    lambda x, w: torch.func.jacrev(lambda v: (v @ w).square().sum())(x),
    lambda x, w: torch.func.jacfwd(lambda v: (v @ w).square().sum())(x),
]


def by_differences(x, w):
    h, out = 1e-4, torch.zeros_like(x)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            up, down = x.clone(), x.clone()
            up[i, j] += h
            down[i, j] -= h
            out[i, j] = ((up @ w).square().sum() - (down @ w).square().sum()) / (2 * h)
    return out


@pytest.mark.parametrize("answer", DIFFERENTIATE)
def test_automatic_differentiation_is_seen(answer):
    assert found(answer, slope)[0] == "passed"
    assert found(answer, slope, rules=(no_autograd(),))[0] == "automatic-differentiation"


@pytest.mark.parametrize("answer", [slope, by_differences, lambda x, w: 2 * np.outer(x @ w, w)])
def test_other_ways_to_a_gradient_are_allowed(answer):
    assert found(answer, slope, rules=(no_autograd(),))[0] == "passed"


def softmax(x, w):
    e = (x - x.max(1, keepdim=True).values).exp()
    return e / e.sum(1, keepdim=True)


SOFTMAX = [
    lambda x, w: torch.softmax(x, 1),
    lambda x, w: F.softmax(x, dim=1),
    lambda x, w: x.softmax(1),
    lambda x, w: nn.Softmax(dim=1)(x),
    lambda x, w: torch.stack([F.softmax(row, 0) for row in x]),
    torch.nn.Sequential,
]


@pytest.mark.parametrize("answer", SOFTMAX[:-1])
def test_a_function_that_does_it_all_is_seen_by_any_of_its_names(answer):
    code, says = found(answer, softmax, rules=(not_calling("softmax"),))
    assert (code, "`softmax`" in says) == ("does-it-all", True)
    assert found(answer, softmax, rules=(not_calling("log_softmax", "inv"),))[0] == "passed"


def test_the_students_own_function_of_that_name_is_allowed():
    answer = lambda x, w: softmax(x, w)  # noqa: E731
    assert found(answer, softmax, rules=(not_calling("softmax"),))[0] == "passed"


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (lambda x, w: np.linalg.inv(np.diag(w)), ("numpy.linalg.inv",)),
        (lambda x, w: torch.linalg.inv(torch.diag(w)), ("torch.linalg.inv", "numpy.linalg.inv")),
        (lambda x, w: torch.diag(w).inverse(), ("inverse",)),
        (lambda x, w: np.linalg.pinv(np.diag(w)), ("pinv",)),
    ],
)
def test_functions_of_a_module(answer, names):
    def oracle(x, w):
        return torch.diag(1 / w)

    assert found(answer, oracle, rules=(not_calling(*names),))[0] == "does-it-all"
    assert found(answer, oracle, rules=(not_calling("scipy.linalg.inv"),))[0] == "passed"


def test_functions_of_the_library_and_universal_functions():
    def oracle(x, w):
        return F.cross_entropy(x, torch.zeros(len(x), dtype=torch.long))

    own = lambda x, w: cross_entropy(x, torch.zeros(len(x), dtype=torch.long))  # noqa: E731
    assert found(own, oracle, rules=(not_calling("cross_entropy"),))[0] == "does-it-all"

    def adds(x, w):
        return np.logaddexp(x[:, 0], x[:, 1])

    exp = lambda x, w: x[:, :2].logsumexp(1)  # noqa: E731
    assert found(adds, exp, rules=(not_calling("logaddexp"),))[0] == "does-it-all"


def writes(x, w):
    x *= w
    return x.sum(1)


def test_writing_is_refused_only_where_a_statement_forbids_it():
    oracle = lambda x, w: (x * w).sum(1)  # noqa: E731
    code, remarks = found(writes, oracle)
    assert (code, "writes to its argument `x`" in remarks) == ("passed", True)
    code, says = found(writes, oracle, rules=(leaves_arguments(),))
    assert (code, "`x`" in says) == ("argument-changed", True)
    assert found(writes, oracle, rules=(leaves_arguments(),), gradients=("x",))[0] == code


def test_a_rule_of_ones_own():
    rule = Rule("no-loop", "{name} calls exp {what} times.", lambda trace: trace.calls["torch.exp"])
    code, says = found(lambda x, w: torch.exp(x), lambda x, w: x.exp(), rules=(rule,))
    assert (code, says) == ("no-loop", "answer calls exp 1 times.")

"""How close is close enough, which part a slip explains, and what is said where none does."""

from __future__ import annotations

import math

import pytest
import torch

from lecturelib.exercises import comparing, trial
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.tolerance import Tolerance, agree, of_case
from lecturelib.exercises.words import listed, verb


def double(*values):
    return torch.tensor(values, dtype=torch.float64)


# --- tolerance ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "wanted", "right"),
    [
        (double(1e6, 1.0), double(1e6, 1.5), [True, False]),  # a large entry hides no error
        (double(1e6, 1.0), double(1e6, 1.0001), [True, True]),
        (double(1e-20, 2e-20), double(1e-20, 3e-20), [True, False]),  # nor does the number 1
        (double(1e30, -1e30), double(1e30, 1e30), [True, False]),
        (double(1.0, 1e-10), double(1.0, 0.0), [True, True]),  # rounding
        (double(1.0, 1e-6), double(1.0, 0.0), [True, False]),
        (double(0.1 + 0.2, 1e-6), double(0.3, 0.0), [True, False]),
        (double(1.1, 1e-6).float().double(), double(1.1, 0.0), [True, True]),  # of float32
        (double(math.inf, math.nan), double(math.inf, math.nan), [True, True]),
        (double(math.inf, 1.0), double(-math.inf, math.inf), [False, False]),
        (double(1e300, math.nan), double(math.inf, 1.0), [False, False]),
    ],
)
def test_each_entry_has_its_own_tolerance(got, wanted, right):
    assert (
        Tolerance(size=1e-3 * float(wanted.abs().nan_to_num(posinf=0).max()))
        .holds(got, wanted)
        .tolist()
        == right
    )


def test_what_is_left_of_a_difference_is_rounding():
    got, wanted = double(0.0, 1e-17), double(1e-17, 0.0)
    assert not agree([got], [wanted])
    assert agree([got], [wanted], [of_case(trial.Case("", {"x": double(1.0)}))])


def test_a_case_may_state_its_own():
    got, wanted = double([1e6, 0.0], [1.0, 0.001]), double([1e6, 0.0], [1.0, 0.0])
    assert agree([got], [wanted], [of_case(trial.Case("", {}))])
    assert not agree([got], [wanted], [of_case(trial.Case("", {}, by="row"))])
    assert not agree([got], [wanted], [of_case(trial.Case("", {}, by="entry"))])
    assert agree([got], [wanted], [of_case(trial.Case("", {}, atol=0.01))])
    assert not agree([got], [wanted + 1e-3], [of_case(trial.Case("", {}, rtol=1e-12))])


def test_nan_agrees_with_nan_only():
    nan, one = torch.tensor([math.nan]), torch.ones(1)
    assert agree([nan], [nan])
    assert not agree([nan], [one])
    assert not agree([one], [nan])


# --- judging ------------------------------------------------------------------------------------


def judged(answer, oracle, arguments=None, **options):
    cases = arguments or [{"x": double(1.0, 2.0, 4.0)}, {"x": double(-1.0, 0.0)}]
    named = [c if isinstance(c, trial.Case) else trial.Case(f"case {i}", c) for i, c in _(cases)]
    examined = trial.Trial(answer, Draws("test"))
    try:
        comparing.judge(examined, named, oracle, **options)
    except trial.Finding as finding:
        return finding
    return None


def _(cases):
    return enumerate(cases)


@pytest.mark.parametrize(
    "answer", [lambda x: len(x), lambda x: float(len(x)), lambda x: [len(x)][0]]
)
def test_whole_numbers_are_compared_exactly(answer):
    assert judged(answer, lambda x: float(len(x)), exact=True) is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda x: len(x) + 1e-9, "not-whole"),
        (lambda x: len(x) * (1 + 1e-12), "not-whole"),
        (lambda x: len(x) + 1, "different"),
    ],
)
def test_what_is_nearly_whole_is_wrong(answer, code):
    assert judged(answer, lambda x: float(len(x)), exact=True).code == code


def test_booleans_are_compared_exactly():
    assert judged(lambda x: x > 0, lambda x: x > 0, exact=True) is None
    assert judged(lambda x: (x > 0) * 1, lambda x: x > 0, exact=True) is None
    assert judged(lambda x: x >= 0, lambda x: x > 0, exact=True).code != ""


PARTS = ("the weights", "the bias")
SLIPS = (
    comparing.Slip("weights-summed", "The weights are summed.", {"weights": "sum"}),
    comparing.Slip("bias-sign", "The bias has the wrong sign.", {"bias": -1.0}),
    comparing.Slip("doubled", "You double the input.", {"times": 2.0}),
)


def line(x, *, weights="mean", bias=1.0, times=1.0):
    x = times * x
    return (x.sum() if weights == "sum" else x.mean()) * x, bias * x.max()


def test_a_slip_explains_one_part_while_the_others_are_right():
    finding = judged(
        lambda x: (x.mean() * x, -x.max()), line, parts=PARTS, formula=line, slips=SLIPS
    )
    assert finding.code == "bias-sign"
    both = judged(
        lambda x: (x.mean() * x, 2 * x.max()), line, parts=PARTS, formula=line, slips=SLIPS
    )
    assert both.code == "doubled"
    assert both.says == (
        "The weights are right. The bias comes out as with this mistake: You double the input."
    )


def test_each_part_has_its_own_slip():
    def answer(x):
        return x.sum() * x, 2 * x.max()

    finding = judged(answer, line, parts=PARTS, formula=line, slips=SLIPS)
    assert finding.code == "weights-summed+doubled"
    assert finding.says.startswith("In the weights: The weights are summed. The bias comes out")


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (lambda x: x**2, None, ""),
        (lambda x: 0 * x, "all-zero", "zero everywhere"),
        (lambda x: -(x**2), "sign", "wrong sign"),
        (lambda x: 3 * x**2, "factor", "a fixed 3"),
        (lambda x: len(x) * x**2, "factor", "the length of axis 0 of `x`"),
        (lambda x: x**2 / len(x), "factor", "1 / the length of axis 0 of `x`"),
        (lambda x: x**2 + 1, "shift", "same amount"),
        (lambda x: x**2 if len(x) == 3 else x**2 + x, "only-sometimes", "What differs there?"),
        (lambda x: x**3 - 7 * x, "different", "in every case"),
        (lambda x: x**2 / 0, "not-finite", "infinite"),
        (lambda x: x[None] ** 2, "wrong-shape", "shape"),
        (lambda x: x.sum(), "wrong-shape", "single number"),
        (lambda x: "4", "wrong-type", "tensor or an array"),
        (lambda x: [x[:2], x], "wrong-type", "tensor or an array"),
        (
            lambda x: x**2 + (torch.as_tensor(x) == 0) + (torch.as_tensor(x) == 4),
            "different",
            "2 of 3",
        ),
        (lambda x: x + 0, "different", "`x` itself"),
        (lambda x: torch.as_tensor(x).flip(0) ** 2, "reversed", "reverse"),
    ],
)
def test_what_is_said_where_no_slip_fits(answer, code, words):
    finding = judged(answer, lambda x: x**2)
    assert (finding and finding.code) == code
    assert words in (finding.says if finding else "")


MATRICES = [{"x": Draws("a").normal(3, 3)}, {"x": Draws("b").normal(3, 3)}]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda x: x.T**3, "transposed"),
        (lambda x: abs(x) ** 3, "signs"),
        (lambda x: (x**3)[[1, 2, 0]], "places"),
        (lambda x: abs(x**3) ** 0.5, "different"),
    ],
)
def test_what_is_said_about_matrices(answer, code):
    assert judged(answer, lambda x: x**3, MATRICES).code == code


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, n: 1 / (x * n), "one over the right one"),
        (lambda x, n: x * n * n, "the right one times `n`"),
        (lambda x, n: 2 * x * n, "a fixed 2"),
        (lambda x, n: x * n * n / (n - 1), "n / (n − 1), with n = `n`"),
        (lambda x, n: math.log(x * n), "the logarithm of the right one"),
        (lambda x, n: 1e4 + x, "too large"),
    ],
)
def test_what_is_said_about_single_numbers(answer, words):
    cases = [{"x": 1.3, "n": 4}, {"x": 2.7, "n": 9}, {"x": 0.4, "n": 5}]
    finding = judged(answer, lambda x, n: x * n, cases)
    assert finding.code == "different"
    assert words in finding.says


def test_the_right_order_is_named_before_slips_of_parts():
    finding = judged(lambda x: line(x)[::-1], lambda x: (x.sum(), x.max()), parts=PARTS)
    assert finding.code in ("order", "wrong-shape")
    finding = judged(lambda x: (x.max(), x.sum()), lambda x: (x.sum(), x.max()), parts=PARTS)
    assert finding.code == "order"


def both(x, *, first=1.0, second=1.0, swapped=False):
    one, other = first * second * x.sum(), first * x.max()
    return (other, one) if swapped else (one, other)


ACTING = (
    comparing.Slip("halved", "Both are half of what they should be.", {"first": 0.5}),
    comparing.Slip("doubled", "The sum is doubled.", {"second": 2.0}),
    comparing.Slip("swapped", "The two have changed places.", {"swapped": True}),
)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda x: (x.sum() / 2, x.max() / 2), "halved"),
        (lambda x: (x.max(), x.sum()), "swapped"),
        # Halving takes the doubling back: the sum is right, and the other one half as large.
        (lambda x: (x.sum(), x.max() / 2), "halved"),
        (lambda x: (x.max(), x.max()), "different"),  # no place has changed
        (lambda x: (x.max() / 2, x.sum() / 2), "different"),
    ],
)
def test_two_slips_act_together(answer, code):
    finding = judged(answer, both, parts=PARTS, formula=both, slips=ACTING)
    assert finding.code == code
    assert "Two things" not in finding.says
    assert code == "swapped" or "changed places" not in finding.says


# --- grammar ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["the output weights"], "are"),
        (["the weights of the first layer"], "are"),
        (["the weight"], "is"),
        (["the bias"], "is"),
        (["the bias of the units"], "is"),
        (["the loss"], "is"),
        (["dx"], "is"),
        (["dx", "dgamma"], "are"),
        (["the mean and the loss"], "is"),
        (["the slopes"], "are"),
    ],
)
def test_verbs_agree_with_the_parts(names, word):
    assert verb(names) == word


def test_lists_of_names():
    assert [listed(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]

"""Hints, lists, quizzes, replies and the numbers of a key."""

from __future__ import annotations

import itertools
import re
import xml.dom.minidom
from collections import Counter
from html.parser import HTMLParser

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import lecturelib
from lecturelib.chapters.batch_norm.exercises import why_beta_outside
from lecturelib.chapters.batch_norm_in_networks.exercises import dropout_order
from lecturelib.exercises import Hint, Quiz, Reply, given, hints, list_quizzes, quiz, quizzes
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.normalizing import normalizer
from lecturelib.exercises.reading import read_numbers

EXERCISES = lecturelib.list_exercises()


# --- records ------------------------------------------------------------------------------------


def test_the_chapter_has_the_exercises_that_it_should():
    assert len(lecturelib.list_exercises("batch_norm")) >= 10
    assert {exercise.kind for exercise in EXERCISES} == {"proof", "code", "experiment", "question"}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.slug)
def test_records_are_complete(exercise):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", exercise.slug)
    assert exercise.difficulty in (1, 2, 3)
    assert len(exercise.stars) == 3
    assert exercise.stars.count("★") == exercise.difficulty
    assert 5 <= exercise.minutes <= 60
    assert 2 <= len(exercise.hints) <= 5
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert exercise.wants[0].islower()


def test_the_list_shows_as_text_and_as_a_table():
    listed = lecturelib.list_exercises("batch_norm")
    lines = repr(listed).split("\n")
    assert lines[0].split() == ["exercise", "title", "kind", "difficulty", "minutes"]
    assert len(lines) == len(listed) + 1
    table = xml.dom.minidom.parseString(listed._repr_html_())
    assert len(table.getElementsByTagName("tr")) == len(listed) + 1
    assert table.getElementsByTagName("th")[0].getAttribute("scope") == "col"


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("batch-norm-foward", ValueError, "did you mean 'batch-norm-forward'"),
        ("batch_norm_forward", ValueError, "did you mean 'batch-norm-forward'"),
        ("xyz", ValueError, "list_exercises"),
        (print, TypeError, "named by a string"),
    ],
)
def test_an_unknown_exercise_is_named_with_its_neighbours(name, error, words):
    with pytest.raises(error, match=re.escape(words)):
        lecturelib.check(name, 1)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("adam", "optimizers-adam"),
        ("Momentum", "optimizers-momentum"),
        ("kappa", "preprocessing-kappa"),
        ("forward", "batch-norm-forward"),
        ("batch norm forward", "batch-norm-forward"),
        ("lsuv", "initialization-lsuv"),
        ("temperature", "output-units-fit-temperature"),
        ("optimizer-adam", "optimizers-adam"),
        ("parity ", "universal-approximation-parity"),
        ("matmull", "backprop-matmul"),
    ],
)
def test_part_of_a_name_is_enough_for_a_suggestion(name, meant):
    for ask in (lecturelib.check, lambda name, _: lecturelib.hint(name)):
        with pytest.raises(ValueError, match=f"did you mean .*'{meant}'"):
            ask(name, 1)


def test_an_unknown_chapter():
    with pytest.raises(ValueError, match="no chapter 'adam'"):
        lecturelib.list_exercises("adam")
    assert lecturelib.list_exercises("Batch-Norm") == lecturelib.list_exercises("batch_norm")


# --- hints --------------------------------------------------------------------------------------


def test_hints_come_in_steps_and_the_last_stays():
    hints._given.clear()
    count = len(lecturelib.list_exercises()[0].hints)
    steps = [lecturelib.hint("batch-norm-forward").step for _ in range(count + 2)]
    assert steps == [*range(1, count + 1), count, count]
    assert lecturelib.hint("batch-norm-backward").step == 1


def test_a_hint_can_be_asked_for_by_number():
    second = lecturelib.hint("batch-norm-forward", step=2)
    assert isinstance(second, Hint)
    assert repr(second).startswith("Hint 2 of 3 for batch-norm-forward: ")
    assert "Hint 2 of 3" in second._repr_html_()
    for same in ("2", 2.0, " 2 "):
        assert lecturelib.hint("batch-norm-forward", same) == second


@pytest.mark.parametrize("step", [4, 0, -1, "4", "two", 1.5, True, [1], float("nan"), float("inf")])
def test_a_step_that_there_is_not(step):
    with pytest.raises(ValueError, match="steps 1 to 3, not "):
        lecturelib.hint("batch-norm-forward", step)


@pytest.mark.parametrize("name", [None, 3, ["batch-norm-forward"], print])
def test_names_are_strings(name):
    for ask in (lecturelib.hint, quiz, given, lambda name: lecturelib.check(name, 1)):
        with pytest.raises(TypeError, match="named by a string"):
            ask(name)


def test_a_key_may_be_anything_with_a_text():
    assert given("batch-norm-identity", None)["x"].equal(given("batch-norm-identity")["x"])
    assert given("batch-norm-identity", 4711)["x"].equal(given("batch-norm-identity", "4711")["x"])


# --- numbers ------------------------------------------------------------------------------------

# Written down once: they must come out the same on every machine, with every version of torch.
FIRST_ROW = [-1.14, 2.28, -0.18]


def test_the_numbers_of_a_key_never_change():
    x = given("batch-norm-identity", "ada")["x"]
    assert x[0].tolist() == FIRST_ROW
    assert given("batch-norm-in-networks-dropout-order", "ada") == {"p": 0.7, "mean": 0.9}


def test_neighbours_differ_and_blanks_do_not_count():
    x = given("batch-norm-identity", "ada")["x"]
    assert torch.equal(x, given("batch-norm-identity", " Ada ")["x"])
    assert not torch.equal(x, given("batch-norm-identity", "ade")["x"])
    assert not torch.equal(x, given("batch-norm-identity")["x"])


def test_draws_have_the_distribution_that_they_claim():
    draws = Draws("a-test", "key")
    uniform = draws.uniform(4000, low=2, high=4)
    assert 2 <= uniform.min() <= uniform.max() <= 4
    assert uniform.mean().item() == pytest.approx(3, abs=0.05)
    normal = draws.normal(4000, mean=1, std=2)
    assert normal.mean().item() == pytest.approx(1, abs=0.12)
    assert normal.std().item() == pytest.approx(2, abs=0.1)
    signed = draws.signed(4000)
    assert 0.5 <= signed.abs().min() <= signed.abs().max() <= 1.5
    assert signed.sign().mean().item() == pytest.approx(0, abs=0.06)
    assert {draws.choice("abc") for _ in range(50)} == set("abc")
    assert normal.dtype == torch.float64
    assert torch.equal(normal, normal.round(decimals=4))


@pytest.mark.parametrize("setting", dropout_order.SETTINGS, ids=str)
def test_the_usual_mistakes_lie_apart_for_every_key(setting):
    """Two ratios closer than twice the tolerance could be taken for each other."""
    values = sorted(value for value, _ in dropout_order._ratios(*setting).values())
    for low, high in itertools.pairwise(values):
        assert high - low > 2 * dropout_order.TOLERANCE * high


def test_the_statements_about_beta_are_measured():
    truths = why_beta_outside.truths()
    assert {letter for letter, true in truths.items() if true} == set("abde")


# --- replies ------------------------------------------------------------------------------------


class Balanced(HTMLParser):
    """Complains about a tag that is closed without having been opened, or never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in ("input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_reply_is_escaped_and_balanced_html():
    reply = Reply(
        "a-slug",
        "<Title>",
        "not yet",
        says="a < b and `code` and <script>alert(1)</script>",
        tried="f(x)",
        got="& `odd",
        lines=("in f", "→ 1 | <b>"),
        printed="<i>",
        remarks=("one",),
        next="hint",
    )
    html = reply._repr_html_()
    Balanced(html)
    assert "<script>" not in html
    assert "<code>code</code>" in html
    assert "&amp; `odd" in html
    assert "&lt;Title&gt;" in html
    assert "→ 1 | &lt;b&gt;" in html


def test_a_reply_is_true_when_passed_and_says_so_in_words():
    passed = Reply("a-slug", "A title", "passed")
    assert passed
    assert repr(passed) == "✓ a-slug (A title): passed"
    assert "passed" in passed._repr_html_()
    assert not Reply("a-slug", "A title", "not yet")
    assert not Reply("a-slug", "A title", "not answered")


def test_plain_text_fits_a_terminal():
    reply = lecturelib.check("batch-norm-forward", lambda x, gamma, beta, eps: x)
    assert max(map(len, repr(reply).split("\n"))) <= 92


# --- quizzes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", list_quizzes())
def test_quizzes_have_one_right_choice_and_a_reply_to_each(slug):
    asked = quiz(slug)
    assert isinstance(asked, Quiz)
    assert sum(choice.right for choice in asked.choices) == 1
    assert len(asked.choices) >= 3
    assert len({choice.reply for choice in asked.choices}) == len(asked.choices)
    assert all(len(choice.reply) > 30 for choice in asked.choices)


@pytest.mark.parametrize("slug", list_quizzes())
def test_a_quiz_is_native_html_with_a_name_for_everything(slug):
    html = quiz(slug)._repr_html_()
    Balanced(html)
    inputs = re.findall(r'<input type="radio" name="([^"]+)" id="([^"]+)">', html)
    assert len(inputs) == len(quiz(slug).choices)
    assert len({name for name, _ in inputs}) == 1
    assert {i for _, i in inputs} == set(re.findall(r'<label for="([^"]+)">', html))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert "<fieldset><legend>" in html
    assert 'role="status"' in html
    assert "<script" not in html


def test_a_quiz_prints_its_question_and_no_answer():
    text = repr(quiz("batch-norm-test-time"))
    assert text.startswith("Quiz: A trained network")
    assert "(a) " in text
    assert "✓" not in text
    assert all(choice.reply not in text for choice in quiz("batch-norm-test-time").choices)


def places():
    """The place of the right choice of each quiz, and how many choices there are."""
    found = [quiz(slug).choices for slug in list_quizzes()]
    return [(next(i for i, c in enumerate(cs) if c.right), len(cs)) for cs in found]


def test_no_place_gives_the_right_choice_away():
    counts = Counter(place for place, _ in places())
    expected = sum(1 / count for _, count in places())
    assert max(counts.values()) <= 0.4 * len(places())
    for place in range(3):
        assert counts[place] <= 1.3 * expected
        assert counts[place] >= 0.6 * expected


def test_the_order_of_choices_is_fixed():
    """The same on the page, in Colab and in every stored output: it hangs on the slug alone."""
    texts = [choice.text for choice in quiz("batch-norm-bias").choices]
    shuffled = quizzes.shuffled("batch-norm-bias", quiz("batch-norm-bias").choices[::-1])
    assert [choice.text for choice in shuffled] == texts


def test_choices_that_speak_of_the_others_keep_their_place():
    def choices(*texts):
        return [quizzes.Choice(text, "…") for text in texts]

    last = {
        quizzes.shuffled(f"q-{i}", choices("1", "2", "None of these"))[-1].text for i in range(9)
    }
    assert last == {"None of these"}
    lettered = choices("x", "y", "(a) and (b)")
    assert all(quizzes.shuffled(f"q-{i}", lettered) == tuple(lettered) for i in range(9))
    firsts = {quizzes.shuffled(f"q-{i}", choices("1", "2", "3"))[0].text for i in range(20)}
    assert firsts == {"1", "2", "3"}


def test_an_unknown_quiz_is_named_with_its_neighbours():
    with pytest.raises(ValueError, match="did you mean 'batch-norm-bias'"):
        quiz("batch-norm-bais")
    with pytest.raises(ValueError, match=r"there is .*batch-norm-test-time"):
        quiz("xyz")


# --- a norm is known by what it does ------------------------------------------------------------


class Doing(nn.Module):
    """A network that does one thing, and holds a layer norm that it never calls."""

    def __init__(self, forward):
        super().__init__()
        self.unused, self.does = nn.LayerNorm(5), forward

    def forward(self, x):
        return self.does(x)


@pytest.mark.parametrize(
    "norm",
    [
        nn.LayerNorm(5),
        nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4)),
        lambda x: F.layer_norm(x, (5,)),
        F.normalize,
        lambda x: (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True),
        lambda x: x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5),
        lambda x: x / x.abs().mean(1)[:, None],
        lambda x: (x.T / x.square().mean(1).sqrt()).T,
        lambda x: (x - x.mean(0)) / x.var(0, correction=0).sqrt(),
    ],
)
def test_norms_are_found_whoever_wrote_them(norm):
    model = norm if isinstance(norm, nn.Module) else Doing(norm)
    assert normalizer(model, torch.randn(7, 5))


@pytest.mark.parametrize(
    "other",
    [
        torch.relu,
        F.gelu,
        lambda x: x + x.tanh() / torch.sqrt(torch.tensor(24.0)),
        lambda x: (x + torch.sqrt(x * x + 1)) / 2,
        lambda x: x / (1 + torch.exp(-x)),
        lambda x: x * torch.sigmoid(x[:, :1]),
        lambda x: torch.softmax(x, 1),
    ],
)
def test_other_functions_are_no_norms(other):
    assert normalizer(Doing(other), torch.randn(7, 5)) == ""


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"b": 2, "w": 1.0}, [1.0, 2.0]),
        ([[1, 2]], [1.0, 2.0]),
        ({"first": torch.tensor([1]), "other": 2}, [1.0, 2.0]),
        ({"w": [1, 2], "b": 3}, None),
        ({"w": 1}, None),
        ("1, 2", None),
    ],
)
def test_numbers_are_read_by_name_or_in_order(value, wanted):
    read = read_numbers(value, ("w", "b"))
    assert (None if read is None else read.tolist()) == wanted

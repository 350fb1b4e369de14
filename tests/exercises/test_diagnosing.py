"""Diagnoses: letters and names in any container, and the same reply in each chapter."""

from __future__ import annotations

import numpy as np
import pytest

import lecturelib
from lecturelib.exercises import diagnosing
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.finding import Finding
from lecturelib.exercises.trial import Trial
from tests.exercises.answers import catalogue

MODULES = catalogue()
WANTS = {exercise.slug: exercise.wants for exercise in lecturelib.list_exercises()}
LETTERS = [slug for slug, wants in WANTS.items() if wants.startswith("four letters in the order")]
NAMES = [slug for slug, wants in WANTS.items() if "names, for a to" in wants]
OF = {slug: WANTS[slug].split(" of the ")[1].split(",")[0] for slug in LETTERS}


@pytest.mark.parametrize(
    "answer",
    [
        "badc",
        "(B), a; D - c",
        ["b)", "a)", "d)", "c)"],
        ("b", "a", "d", "c"),
        np.array(["b", "a", "d", "c"]),
        {1: "b", 2: "a", 3: "d", 4: "c"},
        {3: "c", 0: "b", 2: "d", 1: "a"},
        {"patient 2": "a", "patient 1": "b", "patient 4": "c", "patient 3": "d"},
        {"a": 2, "b": 1, "c": 4, "d": 3},
        "1: b, 2: a, 4: c, 3: d",
    ],
)
def test_letters_in_order_are_read_from_any_container(answer):
    assert diagnosing.letters_in_order(answer, "abcdef", "patients") == "badc"


@pytest.mark.parametrize(
    "answer", ["bad", "badcb", "badg", 3, None, [1, 2, 3, 4], {1: "b", 2: "a", 4: "d", 5: "c"}]
)
def test_other_than_four_letters_in_order_is_said(answer):
    with pytest.raises(Finding, match="from a to f in the order of the patients") as caught:
        diagnosing.letters_in_order(answer, "abcdef", "patients")
    assert caught.value.code == "not-four-letters"


@pytest.mark.parametrize(
    "answer",
    [
        "matrix 2: a, matrix 1: b, matrix 4: c, matrix 3: d",
        {"matrix 3": "d", "matrix 1": "b", "matrix 2": "a", "matrix 4": "c"},
        "Matrices: b a d c",
        "attack 1 is b, 2 is a, 3 is d and 4 is c",
        "ba dc",
    ],
)
def test_words_are_no_letters(answer):
    assert diagnosing.letters_in_order(answer, "abcdef", "matrices") == "badc"


def numbered(letters, of):
    """The letters as a dict out of order, each with the number of its patient."""
    one = {"matrices": "matrix"}.get(of, of[:-1])
    return {f"{one} {k}": f"({letters[k - 1].upper()})" for k in (3, 1, 4, 2)}


@pytest.mark.parametrize("slug", LETTERS)
def test_each_chapter_reads_numbered_letters(slug):
    (letters,) = {
        a for a in MODULES[slug].RIGHT if isinstance(a, str) and len(a) == 4 and a.islower()
    }
    reply = lecturelib.check(slug, numbered(letters, OF[slug]))
    assert reply, reply
    turned = numbered(letters[1:] + letters[0], OF[slug])
    assert lecturelib.check(slug, turned).code == "most-wrong"


ROW = ("none", "l2", "l1")


@pytest.mark.parametrize(
    "answer",
    [
        "none, L2, l1",
        "None L2 L1",
        ["none", "l2", "l1"],
        ("NONE", " l2", "l1 "),
        np.array(["none", "l2", "l1"]),
        {"b": "l2", "a": "none", "c": "L1"},
        {"(C)": "l1", "(A)": "none", "(B)": "l2"},
        {"l1": "c", "none": "a", "l2": "b"},
        {3: "l1", 1: "none", 2: "l2"},
        dict(enumerate(ROW)),
        "b: l2; c: l1; a: none",
        ["c l1", "b l2", "a none"],
        "2. l2\n1. none\n3. l1",
    ],
)
def test_names_in_order_are_read_from_any_container(answer):
    assert diagnosing.names_in_order(answer, ROW) == ["none", "l2", "l1"]


@pytest.mark.parametrize(
    "answer",
    [
        "none, l2",
        "none, l2, l1, l1",
        "none, l2, lasso",
        {"a": "none", "b": "l2", "d": "l1"},
        {2: "none", 3: "l2", 4: "l1"},
        "a b c none l2 l1",
        "a none, l2, l1",
        {"none", "l2", "l1"},
        3,
        None,
        [1, 2, 3],
    ],
)
def test_other_than_names_in_order_is_said(answer):
    with pytest.raises(
        Finding, match="3 names, for a to c in this order, of: l1, l2, none"
    ) as caught:
        diagnosing.names_in_order(answer, ROW)
    assert caught.value.code == "not-names"


@pytest.mark.parametrize("slug", NAMES)
def test_each_chapter_reads_names_with_their_letters(slug):
    row = next(a for a in MODULES[slug].RIGHT if isinstance(a, list))
    pairs = list(zip("abcdef", row, strict=False))[::-1]
    assert lecturelib.check(slug, "; ".join(f"({letter}) {name}" for letter, name in pairs))
    assert lecturelib.check(slug, {name: letter for letter, name in pairs})


def test_names_that_were_exchanged_are_told_apart():
    looks = {frozenset({"l1", "l2"}): "One of them has zeros."}

    def finding(answer):
        trial = Trial(answer, Draws("a-test"))
        with pytest.raises(Finding) as caught:
            diagnosing.examine_names(trial, ROW, looks, begin="Look.", otherwise="Look twice.")
        return caught.value.code, caught.value.says

    assert finding("none l1 l2") == (
        "two-exchanged",
        "You exchanged l1 and l2. One of them has zeros.",
    )
    assert finding("l1 l2 none") == ("two-exchanged", "You exchanged l1 and none. Look twice.")
    assert finding("l1 none l2") == ("several-wrong", "3 of the 3 are wrong. Look.")
    assert finding("l1 l1 l2")[0] == "one-twice"


def test_all_exercises_of_these_kinds_are_asked():
    assert len(LETTERS) == 17
    assert NAMES == ["optimizers-traces", "parameter-norms-diagnose"]

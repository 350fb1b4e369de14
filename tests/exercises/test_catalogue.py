"""Checkers against a catalogue: right answers pass, wrong ones get their own diagnosis."""

from __future__ import annotations

import time
from functools import cache

import pytest

import lecturelib
from tests.exercises.answers import catalogue

MODULES = catalogue()
RIGHT = [(slug, i) for slug, answers in MODULES.items() for i in answers.listed("RIGHT")]
WRONG = [(slug, code) for slug, answers in MODULES.items() for code in answers.listed("WRONG")]
UNLISTED = [(slug, i) for slug, answers in MODULES.items() for i in answers.listed("UNLISTED")]


SECONDS = 2.0  # of work that a check may take


def prompt_reply(slug, answer):
    """What the check says, in time; the first check of all imports what it needs, and may again."""
    for _ in range(2):
        start = time.process_time()
        reply = lecturelib.check(slug, answer)
        if time.process_time() - start < SECONDS:
            return reply
    pytest.fail(f"the check of {slug} takes over {SECONDS} s")


@cache
def reply_to_wrong(slug, code):
    """What the check says of a wrong answer: asked once, looked at by several tests."""
    return prompt_reply(slug, MODULES[slug].WRONG[code])


def test_each_exercise_has_a_module():
    assert set(MODULES) == {exercise.slug for exercise in lecturelib.list_exercises()}


@pytest.mark.parametrize("slug", MODULES)
def test_each_exercise_has_answers_and_all_are_asked(slug):
    module = MODULES[slug]
    assert module.listed("RIGHT") == list(range(len(module.RIGHT)))
    assert module.listed("WRONG") == list(module.WRONG)
    assert module.listed("UNLISTED") == list(range(len(module.UNLISTED)))
    assert len(module.RIGHT) >= 2
    assert len(module.WRONG) >= 4
    assert len(module.UNLISTED) >= 3


@pytest.mark.parametrize(("slug", "i"), RIGHT)
def test_right_answers_pass(slug, i):
    reply = prompt_reply(slug, MODULES[slug].RIGHT[i])
    assert reply, reply


@pytest.mark.parametrize(("slug", "code"), WRONG)
def test_wrong_answers_get_their_own_diagnosis(slug, code):
    reply = reply_to_wrong(slug, code)
    assert reply.status == "not yet"
    assert reply.code == code, reply
    assert len(reply.says) > 20


@pytest.mark.parametrize("slug", MODULES)
def test_no_two_mistakes_share_their_words(slug):
    """Codes are keys and differ; a student reads the words, so these must differ as well."""
    replies = [reply_to_wrong(slug, code) for code in MODULES[slug].WRONG]
    assert len({reply.says for reply in replies}) == len(replies)


@pytest.mark.no_cover  # the listed ones run the same lines
@pytest.mark.parametrize(("slug", "i"), UNLISTED)
def test_unlisted_mistakes_get_a_useful_reply(slug, i):
    answer, code, words = MODULES[slug].UNLISTED[i]
    reply = lecturelib.check(slug, answer)
    assert (reply.status, reply.code) == ("not yet", code), reply
    assert words in reply.says, reply

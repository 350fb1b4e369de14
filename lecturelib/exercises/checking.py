"""``lecturelib.check``: an answer goes in, a reply comes out, whatever the answer does."""

from __future__ import annotations

from typing import Any

from lecturelib.exercises.clock import Clock, TimeLimitExceeded, within
from lecturelib.exercises.draws import Draws
from lecturelib.exercises.keeping import preserved_state
from lecturelib.exercises.reading import plain
from lecturelib.exercises.registry import Exercise, _key, find
from lecturelib.exercises.reply import Reply
from lecturelib.exercises.trial import (
    SECONDS,
    Finding,
    NotAnswered,
    Trial,
    is_blank,
    is_unwritten,
)


def check(exercise: str, answer: Any, *, key: str = "") -> Reply:
    """Check an answer to an exercise, and say what is wrong with it in the words of the subject.

    ``answer`` is what the exercise asks for: a function (pass it, do not call it), numbers, a
    tensor or an array, a module, or a short written choice. ``key`` is a student's name or
    number: exercises with numbers give each key its own, the same on every machine.

    Returns a :class:`~lecturelib.exercises.reply.Reply`, true when passed. An answer that is
    still the empty form is "not answered yet", which is no failure. Nothing that the answer does
    gets out: it is called with copies, what it prints is kept, generators and torch's settings
    are put back, and it is stopped after 1.5 s of work, or 6 s of waiting (Python code anywhere; a
    single long call into compiled code has to end first).

    A function may be written for tensors or for arrays: what fails with one is tried with the
    other. Imports that it makes do not count.

    >>> def batch_norm_forward(x, gamma, beta, eps):
    ...     return gamma * (x - x.mean(0)) / (x.var(0) + eps).sqrt() + beta
    >>> reply = check("batch-norm-forward", batch_norm_forward)
    >>> bool(reply), reply.code
    (False, 'unbiased-variance')
    """
    record, key = find(exercise), _key(key)
    trial = Trial(answer, Draws(record.slug, key), key)
    with preserved_state():
        try:
            within(Clock(_SECONDS), lambda: _examine(record, trial))
        except NotAnswered:
            return _reply(record, "not answered")
        except Finding as finding:
            return _reply(record, "not yet", trial, finding)
        except TimeLimitExceeded:
            return _reply(record, "not yet", trial, Finding("too-slow", _TOO_SLOW))
        except Exception as error:  # a reply is better than a traceback through the checker
            says = f"The check cannot read this answer ({error}). Wanted is {record.wants}."
            unread = Finding("not-understood", says, got=type(answer).__name__)
            return _reply(record, "not yet", trial, unread)
    return _reply(record, "passed", trial)


_SECONDS = 4.0  # of work beside the answer's own calls: a check itself takes far less
_TOO_SLOW = "The check was stopped: reading this answer takes too long. Is it lazy, or endless?"


def _examine(record: Exercise, trial: Trial) -> None:
    if not callable(trial.answer):
        trial.answer = within(Clock(SECONDS), lambda: plain(trial.answer))
    if is_blank(trial.answer) or is_unwritten(trial.answer):
        raise NotAnswered
    record.examine(trial)


def _reply(
    exercise: Exercise, status: Any, trial: Trial | None = None, finding: Finding | None = None
) -> Reply:
    return Reply(
        exercise.slug,
        exercise.title,
        status,
        code=finding.code if finding else "",
        says=finding.says if finding else "",
        tried=finding.tried if finding else "",
        got=finding.got if finding else "",
        lines=finding.code_lines if finding else (),
        printed=trial.printed if trial else "",
        remarks=tuple(trial.remarks) if trial else (),
        next=_next(exercise, status),
    )


def _next(exercise: Exercise, status: str) -> str:
    if status == "passed":
        return ""
    if status == "not answered":
        return f"wanted is {exercise.wants}"
    return f'lecturelib.hint("{exercise.slug}")'

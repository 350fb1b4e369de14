"""Exercises that answer back.

>>> import lecturelib
>>> lecturelib.check("batch-norm-forward", ...)
… batch-norm-forward (Mend it: a forward pass): not answered yet
  Next       wanted is a function batch_norm_forward(x, gamma, beta, eps) that returns y

``check`` examines an answer, ``hint`` helps in steps, ``list_exercises`` shows what there is,
``given`` makes the numbers of a student key, and ``quiz`` shows a question that works on a page
without a kernel.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lecturelib.exercises.checking import check
    from lecturelib.exercises.hints import Hint, hint
    from lecturelib.exercises.quizzes import Quiz, list_quizzes, quiz
    from lecturelib.exercises.registry import Exercise, ExerciseList, given, list_exercises
    from lecturelib.exercises.reply import Reply

__all__ = [
    "Exercise",
    "ExerciseList",
    "Hint",
    "Quiz",
    "Reply",
    "check",
    "given",
    "hint",
    "list_exercises",
    "list_quizzes",
    "quiz",
]

# Loaded on first use: a page that shows a quiz depends on no exercise.
_SHORTCUTS = {
    "Exercise": "lecturelib.exercises.registry",
    "ExerciseList": "lecturelib.exercises.registry",
    "Hint": "lecturelib.exercises.hints",
    "Quiz": "lecturelib.exercises.quizzes",
    "Reply": "lecturelib.exercises.reply",
    "check": "lecturelib.exercises.checking",
    "given": "lecturelib.exercises.registry",
    "hint": "lecturelib.exercises.hints",
    "list_exercises": "lecturelib.exercises.registry",
    "list_quizzes": "lecturelib.exercises.quizzes",
    "quiz": "lecturelib.exercises.quizzes",
}


def __getattr__(name: str) -> Any:
    if name in _SHORTCUTS:
        return getattr(importlib.import_module(_SHORTCUTS[name]), name)
    raise AttributeError(f"module 'lecturelib.exercises' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Exercises that answer back.

>>> import lecturelib
>>> lecturelib.check("batch-norm-forward", ...)
… batch-norm-forward (Mend it: a forward pass): not answered yet
  Next       wanted is a function batch_norm_forward(x, gamma, beta, eps) that returns y

``check`` examines an answer, ``hint`` helps in steps, ``list_exercises`` shows what there is,
``given`` makes the numbers of a student key, and ``quiz`` shows a question that works on a page
without a kernel.
"""

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

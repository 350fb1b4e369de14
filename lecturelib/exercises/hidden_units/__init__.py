"""The exercises and quizzes of the chapter on hidden units, one file each."""

from lecturelib.exercises.registry import Exercise

EXERCISES: tuple[Exercise, ...] = ()

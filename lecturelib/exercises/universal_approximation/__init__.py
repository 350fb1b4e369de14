"""The exercises and quizzes of the chapter on universal approximation, one file each."""

EXERCISES = ()

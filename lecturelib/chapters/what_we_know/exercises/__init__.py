"""The exercise of the closing chapter."""

from lecturelib.chapters.what_we_know.exercises import which_norm

EXERCISES = (which_norm.EXERCISE,)

"""Answers to the exercises of the chapter on output units."""

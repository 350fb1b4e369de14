"""Answers to the exercises on hidden units."""

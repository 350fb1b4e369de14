"""Answers to the exercises on cost functions."""

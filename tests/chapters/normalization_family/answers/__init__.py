"""Answers to the exercises on the normalization family."""

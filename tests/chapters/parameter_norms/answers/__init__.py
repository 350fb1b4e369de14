"""Answers to the exercises on parameter norms."""

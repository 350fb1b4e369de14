"""Answers to the exercises on preprocessing."""

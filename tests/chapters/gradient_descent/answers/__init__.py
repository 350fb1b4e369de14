"""Answers to the exercises on gradient descent."""

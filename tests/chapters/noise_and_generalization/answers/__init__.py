"""Answers to the exercises on noise and generalization."""

"""Answers to the exercises on batch normalization in networks."""

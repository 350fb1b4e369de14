"""Answers to the exercises on residual connections."""

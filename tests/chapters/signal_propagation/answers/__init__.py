"""Answers to the exercises on signal propagation."""

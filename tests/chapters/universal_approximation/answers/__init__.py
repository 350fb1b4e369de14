"""Answers to the exercises on universal approximation."""

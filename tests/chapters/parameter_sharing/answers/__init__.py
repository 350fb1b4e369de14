"""Answers to the exercises on shared parameters."""

"""Answers to the exercises on initialization."""

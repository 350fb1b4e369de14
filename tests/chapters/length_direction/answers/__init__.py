"""Answers to the exercises on length and direction."""

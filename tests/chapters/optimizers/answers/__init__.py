"""Answers to the exercises on optimizers."""

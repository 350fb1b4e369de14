"""Answers to the exercises on covariate shift."""

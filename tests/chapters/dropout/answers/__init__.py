"""Answers to the exercises on bagging and dropout."""

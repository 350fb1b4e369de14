"""Answers to the exercises on the smoothness of the loss."""

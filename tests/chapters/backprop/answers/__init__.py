"""Answers to the exercises on backpropagation."""

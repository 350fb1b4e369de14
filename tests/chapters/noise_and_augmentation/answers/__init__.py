"""Answers to the exercises on noise and augmentation."""

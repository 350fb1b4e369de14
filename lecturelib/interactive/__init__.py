"""Figures that a reader can move: live in Jupyter and Colab, and on the published page.

``explore`` gives sliders to a function that returns a matplotlib figure; ``widget`` shows one of
the course's own small programs. The environment variable ``LECTURELIB_EXPLORE`` says where they
run: ``live`` (the default), ``static`` (set by the book's build) or ``off`` (in tests).
"""

from lecturelib.interactive.explorer import BudgetWarning, Explore, explore
from lecturelib.interactive.widgets import Widget, widget

__all__ = ["BudgetWarning", "Explore", "Widget", "explore", "widget"]

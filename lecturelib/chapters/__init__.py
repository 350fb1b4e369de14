"""What each chapter has beyond the library, one folder a chapter.

``claims.py`` with ``experiments.py`` and ``results/``, ``errata.py``, ``figures.py`` with
``explore.py`` (those that move), ``quizzes.py``, ``exercises/``. Their order stands in
:mod:`lecturelib.contents`.
"""

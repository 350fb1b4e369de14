"""Errata of the chapter ``loss_smoothness``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="blog-lipschitz",
        chapter="loss_smoothness",
        lecture="BLOG",
        where="“Recall that for an arbitrary function f, we say f is L-Lipschitz if …”",
        says="|f(x₁) − f(x₂)| ≤ L‖f(x₁) − f(x₂)‖",
        right="|f(x₁) − f(x₂)| ≤ L‖x₁ − x₂‖",
        why="With f on both sides every function satisfies it with L = 1, the square root at 0 "
        "too. The distance that counts is that of the arguments.",
        test="tests/chapters/loss_smoothness/test_errata.py::test_the_distance_is_that_of_arguments",
    ),
)

"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="The identity is hard to learn with a non-linearity",
        slides={"FFN": ("Residual Connections",), "LBN": ("On complexity on learning functions",)},
        headings=("Doing nothing is hard",),
        exercises=("residual-connections-plain-identity",),
    ),
    Topic(
        name="The residual block",
        slides={"FFN": ("Residual Connections",)},
        headings=("The block",),
    ),
    Topic(
        name="Residual connections and the smoothness of the loss",
        slides={
            "FFN": ("Regularization", "Residual Connections"),
            "LBN": ("General idea: what re-parametrisation does",),
        },
        headings=("The loss from outside",),
    ),
    Topic(
        name="Gradient highways",
        headings=("What comes down the stream",),
    ),
)

"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Output units and the distributions that they serve",
        slides={"FFN": ("Feedforward Network",)},
        headings=("Four units", "Which unit to take"),
    ),
    Topic(
        name="Linear output unit",
        slides={"FFN": ("Linear Unit",)},
        headings=("Linear",),
    ),
    Topic(
        name="Sigmoid: the probability of a class",
        slides={"FFN": ("Sigmoid, as output unit",)},
        headings=("Sigmoid",),
    ),
    Topic(
        name="Softmax",
        slides={"FFN": ("Softmax",)},
        headings=("Softmax",),
    ),
    Topic(
        name="Temperature of a softmax",
        slides={"FFN": ("Softmax with temperature",)},
        headings=("Temperature",),
    ),
    Topic(
        name="Softplus",
        slides={"FFN": ("Softplus",)},
        headings=("Softplus",),
    ),
    Topic(
        name="Numerical stability of output units",
        headings=("Numbers that do not break",),
    ),
    Topic(
        name="Softmax from maximum entropy, by Lagrange multipliers",
        slides={"FFN": ("Extra slides: derivation of softmax",)},
        headings=("Why exponentials? Maximum entropy", "Two classes and more"),
    ),
    Topic(
        name="Sigmoid from maximum entropy",
        slides={"FFN": ("Extra slides: derivation of sigmoid",)},
        headings=("Three samples by hand", "Two classes and more"),
    ),
)

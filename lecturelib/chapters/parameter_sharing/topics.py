"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Parameter tying",
        slides={"FFN": ("Parameter Tying",)},
        headings=("One parameter, many uses",),
    ),
    Topic(
        name="Tying across layers",
        slides={"FFN": ("Parameter Tying",)},
        headings=("Across layers",),
    ),
    Topic(
        name="Tying across tasks",
        slides={"FFN": ("Parameter Tying",)},
        headings=("Across tasks",),
    ),
    Topic(
        name="Convolution as a structured matrix",
        slides={"FFN": ("Parameter Tying",)},
        headings=("Across places: convolution",),
    ),
    Topic(
        name="Perceptrons as templates, and shifts",
        slides={"JHU": ("Reminder: patterns and their location",)},
        headings=("The effect", "What moves along, and what does not"),
    ),
    Topic(
        name="From many perceptrons to one that is shared",
        slides={"JHU": ("Reminder: patterns and their location",)},
        headings=("From equivariance to invariance",),
    ),
    Topic(
        name="Output size and number of parameters of a convolution",
        slides={"JHU": ("Reminder: size and parameters of a convolution",)},
        headings=("How large is the output?",),
    ),
    Topic(
        name="The pattern of convolutional networks: local features, then abstract ones",
        slides={
            "JHU": (
                "Reminder: patterns and their location",
                "Reminder: Convolutional Neural Networks",
            )
        },
        headings=("The usual pattern",),
    ),
)

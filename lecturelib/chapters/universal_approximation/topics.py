"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Universal approximation: existence, no recipe, no bound",
        slides={"FFN": ("Universal Approximator",), "JHU": ("Reminder: multi-layer perceptrons",)},
        headings=("Every continuous function of many variables",),
    ),
    Topic(
        name="Perceptrons as Boolean functions",
        slides={"JHU": ("Reminder: multi-layer perceptrons",)},
        headings=("Every Boolean function",),
    ),
    Topic(
        name="Perceptrons as classifiers",
        slides={"JHU": ("Reminder: multi-layer perceptrons",)},
        headings=("Every region",),
    ),
    Topic(
        name="How many units an approximation takes",
        slides={"FFN": ("Universal Approximator",), "JHU": ("Reminder: multi-layer perceptrons",)},
        headings=("Every continuous function of one variable", "How good can $n$ units be?"),
        exercises=("universal-approximation-units-needed",),
    ),
    Topic(
        name="Width against depth",
        headings=("Width against depth",),
    ),
    Topic(
        name="Effect of the activation on decision regions",
        slides={"FFN": ("Effect of Activation Functions",)},
        headings=("What the activation does to the regions",),
    ),
    Topic(
        name="Adding dimensions",
        slides={"FFN": ("Adding Dimensions",)},
        headings=("Adding dimensions",),
    ),
    Topic(
        name="More layers, fewer epochs?",
        slides={"FFN": ("Effect of Activation Functions: more layers",)},
        headings=("More layers: only 15 epochs to learn?",),
    ),
    Topic(
        name="Why an exact solution is hard to find, and capacity helps",
        slides={"JHU": ("Another Aside",)},
        headings=("Found, or only in theory?",),
        exercises=("universal-approximation-decision-line",),
    ),
)

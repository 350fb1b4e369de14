"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Internal covariate shift: what is left of it",
        slides={
            "JHU": ("New Insights: He initialization, constant outputs",),
            "NT": ("Conclusion",),
            "LBN": ("Why: short answer",),
            "BLOG": ("Conclusions",),
        },
        headings=("Internal covariate shift",),
    ),
    Topic(
        name="Smoothness: what is left of it",
        slides={
            "JHU": ("New Insights: overlap with output-mean gradients",),
            "LBN": ("Why: short answer", "Then why? Loss landscape, healthy noise"),
            "BLOG": ("Conclusions",),
        },
        headings=("Smoothness",),
    ),
    Topic(
        name="Larger rates: what they explain",
        slides={"BLOG": ("Conclusions",)},
        headings=("Larger rates",),
    ),
    Topic(
        name="Length and direction: what is known",
        slides={"LBN": ("Summary",)},
        headings=("Length and direction",),
    ),
    Topic(
        name="Noise: what is known",
        slides={"LBN": ("Then why? Loss landscape, healthy noise",)},
        headings=("Noise",),
    ),
    Topic(
        name="Signal propagation: what is known",
        slides={"JHU": ("New Insights: bad configurations at the start",)},
        headings=("Signal propagation",),
    ),
    Topic(
        name="What the lectures conclude",
        slides={
            "FFN": ("BN takeaway",),
            "NT": ("Conclusion",),
            "LBN": ("Summary",),
            "BLOG": ("Conclusions",),
        },
        headings=("What the lectures conclude",),
    ),
    Topic(
        name="Open questions",
        slides={"NT": ("Conclusion",), "LBN": ("Why: short answer", "Noise in loss?")},
        headings=("Open questions",),
    ),
    Topic(
        name="When is batch norm a good idea?",
        slides={"FFN": ("BN takeaway",), "LBN": ("Summary",)},
        headings=("When is it a good idea?",),
    ),
    Topic(
        name="Should its parameters be used?",
        slides={"LBN": ("What: the forgotten parameters", "Summary")},
        headings=("Use the parameters?",),
    ),
    Topic(
        name="Before or after: the summary",
        slides={"LBN": ("Summary",)},
        headings=("Before or after?",),
    ),
)

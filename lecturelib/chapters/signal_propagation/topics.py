"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="He initialization and near-constant outputs of a channel",
        slides={"JHU": ("New Insights: He initialization, constant outputs",)},
        headings=(
            "The question",
            "Two variances",
        ),
    ),
    Topic(
        name="Networks without ReLU keep their channels apart",
        slides={"JHU": ("New Insights: removing ReLU",)},
        headings=("The question",),
        exercises=("signal-propagation-constant-linear",),
    ),
    Topic(
        name="Bad configurations at the start, and what batch norm does by design",
        slides={"JHU": ("New Insights: bad configurations at the start",)},
        headings=(
            "Where the map leads",
            "Is it bad for training?",
        ),
        exercises=("signal-propagation-twenty-four",),
    ),
    Topic(
        name="Random perturbations of 1% of the weights",
        slides={"JHU": ("New Insights: random perturbation",)},
        headings=("Steps of one percent",),
    ),
    Topic(
        name="Targeted perturbations of 1% of the weights",
        slides={"JHU": ("New Insights: targeted perturbation",)},
        headings=(
            "Steps of one percent",
            "Why batch norm bears it",
        ),
        exercises=("signal-propagation-homogeneous",),
    ),
    Topic(
        name="A narrow valley: small perturbations, large losses",
        slides={"JHU": ("New Insights: a narrow valley",)},
        headings=("Steps of one percent",),
    ),
    Topic(
        name="Leading eigenvectors of the Hessian",
        slides={"JHU": ("New Insights: leading eigenvectors",)},
        headings=("The sharpest directions",),
    ),
    Topic(
        name="Eigenvectors and the gradients of mean outputs",
        slides={"JHU": ("New Insights: overlap with output-mean gradients",)},
        headings=("The sharpest directions",),
    ),
)

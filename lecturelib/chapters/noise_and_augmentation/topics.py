"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Data augmentation: crops, rotations, scaling, blur, noise",
        slides={"FFN": ("Dataset Augmentation",)},
        headings=("Augmentation says what does not matter", "Where an augmentation harms"),
    ),
    Topic(
        name="A representation that is invariant to a transformation",
        slides={"FFN": ("Dataset Augmentation",)},
        headings=("Does the network become invariant?",),
    ),
    Topic(
        name="Noise robustness: inputs, labels, parameters",
        slides={"FFN": ("Noise Robustness",)},
        headings=(
            "The question",
            "Noise at the inputs is a penalty",
            "Noise at the labels: smoothing",
            "Noise at the weights",
        ),
    ),
    Topic(
        name="Noise in inputs",
        slides={
            "FFN": ("Noise in Inputs",),
            "JHU": ("Batch Normalization as a regularizer, other approaches",),
        },
        headings=("Noise at the inputs is a penalty", "Does it help a network?"),
    ),
    Topic(
        name="Label smoothing",
        slides={"FFN": ("Noise in Outputs",)},
        headings=("Noise at the labels: smoothing",),
    ),
    Topic(
        name="Noise in parameters",
        slides={"FFN": ("Noise in Parameters",)},
        headings=("Noise at the weights",),
        exercises=("noise-and-augmentation-two-terms",),
    ),
)

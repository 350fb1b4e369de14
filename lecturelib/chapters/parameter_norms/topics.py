"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Over-fitting, and the means against it",
        slides={
            "FFN": ("Regularization",),
            "JHU": ("The Bias-Variance Tradeoff and Regularization",),
        },
        headings=("The effect", "What to use"),
    ),
    Topic(
        name="Bias–variance tradeoff",
        slides={"JHU": ("The Bias-Variance Tradeoff and Regularization",)},
        headings=("Bias, variance and noise",),
    ),
    Topic(
        name="L2 penalty",
        slides={
            "FFN": ("Parameter Regularization",),
            "JHU": ("Batch Normalization as a regularizer, other approaches",),
        },
        headings=("L2: shrink each direction",),
    ),
    Topic(
        name="Weight decay",
        slides={"FFN": ("Parameter Regularization",)},
        headings=("Weight decay",),
    ),
    Topic(
        name="The strength λ as a position on the curve",
        slides={"FFN": ("Parameter Regularization",)},
        headings=("L2: shrink each direction", "Norm balls"),
        exercises=("parameter-norms-price",),
    ),
    Topic(
        name="Norm balls and explicit constraints",
        slides={"FFN": ("Unit Ball",)},
        headings=("Norm balls", "Is the explicit constraint better?"),
    ),
    Topic(
        name="L1 penalty and sparse solutions",
        slides={"FFN": ("L1 norm",)},
        headings=("L1: shrink to zero",),
        exercises=("parameter-norms-tune",),
    ),
    Topic(
        name="L1 on activations",
        slides={"JHU": ("Batch Normalization as a regularizer, other approaches",)},
        headings=("L1 on the activations",),
    ),
    Topic(
        name="Early stopping",
        slides={"FFN": ("Early Stopping",)},
        headings=("Early stopping", "How far it is L2"),
        exercises=("parameter-norms-stopping",),
    ),
)

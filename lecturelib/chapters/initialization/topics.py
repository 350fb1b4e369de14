"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Constant initialization",
        slides={
            "JHU": (
                "Weight Initialization: first idea, a constant",
                "Weight Initialization: a visual example",
            )
        },
        headings=("First idea: a constant",),
    ),
    Topic(
        name="Symmetry, and how random weights break it",
        slides={
            "FFN": ("Initialization: symmetry and variance",),
            "JHU": ("Weight Initialization: a visual example",),
        },
        headings=("Why it stays so",),
        exercises=("initialization-one-unit",),
    ),
    Topic(
        name="Small random numbers",
        slides={"JHU": ("Weight Initialization: second idea, small numbers",)},
        headings=("Second idea: small random numbers",),
    ),
    Topic(
        name="The variance of random weights",
        slides={"FFN": ("Initialization: symmetry and variance",)},
        headings=("The right variance", "A factor a layer"),
    ),
    Topic(
        name="Xavier (Glorot) initialization",
        slides={
            "FFN": ("Initialization: Kaiming and Glorot",),
            "JHU": ("Weight Initialization: third idea, Xavier",),
        },
        headings=("Xavier",),
    ),
    Topic(
        name="Why Xavier breaks with ReLU",
        slides={"JHU": ("Weight Initialization: third idea, Xavier",)},
        headings=("He", "Formula against activation"),
        exercises=("initialization-std",),
    ),
    Topic(
        name="He (Kaiming) initialization",
        slides={
            "FFN": ("Initialization: Kaiming and Glorot",),
            "JHU": ("Weight Initialization: fourth idea, He",),
        },
        headings=("He",),
    ),
    Topic(
        name="Orthogonal weights, and singular values near 1",
        slides={"NT": ("Normalization Propagation: analysis of the Jacobian",)},
        headings=("Orthogonal weights",),
    ),
    Topic(
        name="Data-dependent initialization (LSUV)",
        slides={"NT": ("Conclusion",)},
        headings=("Let the data decide: LSUV",),
        exercises=("initialization-lsuv",),
    ),
    Topic(
        name="Powers of a matrix: vanishing and exploding gradients",
        slides={"FFN": ("Vanishing & Exploding Gradients",)},
        headings=("Powers of a matrix",),
    ),
    Topic(
        name="Gradient clipping",
        slides={"FFN": ("Vanishing & Exploding Gradients", "Gradient Clipping")},
        headings=("If the gradient explodes all the same",),
    ),
    Topic(
        name="Unit Gaussian sums at the start",
        slides={"JHU": ("Batch Normalization: is a unit Gaussian what we want?",)},
        headings=("Is a unit Gaussian what we want?",),
    ),
    Topic(
        name="Initialization beyond networks: image registration",
        slides={"JHU": ("Recap: initialization",)},
        headings=("Beyond networks",),
    ),
    Topic(
        name="Which initialization to use",
        slides={"JHU": ("Recap: initialization",)},
        headings=("What to use",),
    ),
)

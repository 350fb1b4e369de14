"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Before or after the activation",
        slides={
            "FFN": ("Batch Normalization: evaluation and implementation",),
            "JHU": ("Batch Normalization: where it is inserted",),
            "LBN": ("When goes BN?",),
        },
        headings=("The question", "Does the order matter for the answer?"),
    ),
    Topic(
        name="Expressivity of batch norm, case by case",
        slides={
            "LBN": ("In the context of ReLU: distributions", "In the context of ReLU: expressivity")
        },
        headings=("It adds no functions",),
        exercises=("batch-norm-in-networks-placement",),
    ),
    Topic(
        name="Dropout before batch norm, and the IC layer",
        slides={"LBN": ("When goes BN? Dropout and the IC layer",)},
        headings=("Dropout before batch norm: the variance shift",),
        exercises=("batch-norm-in-networks-dropout-order",),
    ),
    Topic(
        name="Scale invariance, and gradients inverse to the scale",
        slides={
            "NT": ("Batch Normalization: effects on parameter scaling",),
            "BLOG": ("What is Batch Normalization? Rates and gradients",),
        },
        headings=("It ignores the length of the weights",),
        exercises=("batch-norm-in-networks-scale-invariance",),
    ),
    Topic(
        name="Larger learning rates, and the effective one",
        slides={
            "JHU": ("Batch Normalization: the algorithm and its benefits",),
            "NT": ("Batch Normalization: effects on parameter scaling",),
            "BLOG": ("What is Batch Normalization? Rates and gradients",),
        },
        headings=("The question", "The effective learning rate"),
    ),
    Topic(
        name="Vanishing and exploding gradients under batch norm",
        slides={
            "FFN": (
                "Vanishing & Exploding Gradients",
                "Batch Normalization: evaluation and implementation",
            ),
            "JHU": ("Batch Normalization: the algorithm and its benefits",),
            "BLOG": ("What is Batch Normalization? Rates and gradients",),
        },
        headings=("It decouples gradients from the scale, and lets them grow",),
    ),
    Topic(
        name="Less dependence on initialization",
        slides={"JHU": ("Batch Normalization: the algorithm and its benefits",)},
        headings=(
            "The effective learning rate",
            "It decouples gradients from the scale, and lets them grow",
        ),
    ),
    Topic(
        name="Batch norm as approximate whitening",
        slides={"NT": ("Batch Normalization: close to whitening",)},
        headings=("It leaves the correlations",),
    ),
    Topic(
        name="Noise of the statistics",
        slides={
            "JHU": ("Batch Normalization: the algorithm and its benefits",),
            "NT": ("Batch Normalization: effects on regularization",),
            "LBN": ("How much noise does BN cause?",),
        },
        headings=("How much noise?",),
    ),
    Topic(
        name="Two samples, two batches, one output",
        slides={"NT": ("Batch Normalization: two samples, one representation",)},
        headings=("Two samples, two batches, one output",),
        exercises=("batch-norm-in-networks-one-output",),
    ),
    Topic(
        name="Small batches",
        slides={"FFN": ("BN takeaway",)},
        headings=("Small batches break it",),
        exercises=("batch-norm-in-networks-pairs",),
    ),
    Topic(
        name="Published results of batch norm: Inception",
        slides={"NT": ("Batch Normalization: published figures",)},
        headings=("What was published",),
    ),
    Topic(
        name="When to use batch norm, when to avoid it",
        slides={
            "FFN": ("BN takeaway",),
            "JHU": ("Batch Normalization: is a unit Gaussian what we want?",),
        },
        headings=("When to use it, when to avoid it",),
    ),
)

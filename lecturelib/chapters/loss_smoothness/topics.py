"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Lipschitz continuity and smoothness of the loss",
        slides={
            "FFN": ("BN and loss smoothness",),
            "LBN": ("Lipschitzness",),
            "BLOG": ("NeurIPS Findings: Lipschitz continuity and smoothness",),
        },
        headings=("What smoothness promises",),
        exercises=("loss-smoothness-sure-step",),
    ),
    Topic(
        name="Loss variation, gradient predictiveness, effective smoothness",
        slides={
            "LBN": ("How Does BN Help Optimization: metrics",),
            "BLOG": ("NeurIPS Findings: what was measured on VGG",),
        },
        headings=("Three measures along the gradient",),
        exercises=("loss-smoothness-diagnose",),
    ),
    Topic(
        name="Batch norm makes the loss smoother",
        slides={
            "FFN": ("Batch Normalization: evaluation and implementation", "BN and loss smoothness"),
            "JHU": ("New Insights: overlap with output-mean gradients",),
            "LBN": (
                "New paper: How Does Batch Norm Help Optimization?",
                "Then why? Loss landscape, healthy noise",
                "Batch Norm vs no Batch Norm",
            ),
            "BLOG": (
                "NeurIPS Findings: a smoother landscape",
                "NeurIPS Findings: what was measured on VGG",
                "Conclusions",
            ),
        },
        headings=(
            "The claim, as the lectures state it",
            "A measure that the units decide",
            "Is it why?",
        ),
    ),
    Topic(
        name="The theorem on the Lipschitz constant",
        slides={
            "LBN": ("Lipschitzness", "How Does BN Help Optimization: metrics"),
            "BLOG": ("NeurIPS Findings: internal covariate shift, measured",),
        },
        headings=("The theorem",),
        exercises=("loss-smoothness-leaving",),
    ),
    Topic(
        name="Three learning rates, with batch norm and without",
        slides={"BLOG": ("NeurIPS Findings: three learning rates",)},
        headings=("Larger rates",),
    ),
    Topic(
        name="Relative loss against step size",
        slides={"BLOG": ("NeurIPS Findings: loss against step size",)},
        headings=("The question", "Far out: powers of the step"),
        exercises=("loss-smoothness-powers",),
    ),
    Topic(
        name="Pictures of loss surfaces",
        slides={"FFN": ("Regularization", "Residual Connections")},
        headings=("Pictures of a loss",),
    ),
)

"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Covariate shift of Shimodaira",
        slides={
            "NT": ("Covariate Shift (Shimodaira)", "Covariate Shift (Shimodaira): simulation"),
            "LBN": ("Original hypothesis: internal covariate shift",),
        },
        headings=("Two domains, one rule", "The best line depends on where you look"),
        exercises=("covariate-shift-best-line",),
    ),
    Topic(
        name="Importance weights",
        headings=("Weights move the sample",),
        exercises=("covariate-shift-weighted-risk",),
    ),
    Topic(
        name="Minibatches as shifting data",
        slides={"JHU": ("Covariate Shifts",)},
        headings=("Every minibatch is a small shift",),
    ),
    Topic(
        name="Internal covariate shift as a hypothesis",
        slides={
            "NT": ("Internal Covariate Shift",),
            "LBN": ("Original hypothesis: internal covariate shift", "ICS explained II"),
            "BLOG": ("What is Batch Normalization? Its purpose",),
        },
        headings=("The hypothesis of 2015",),
    ),
    Topic(
        name="Internal covariate shift, measured",
        slides={
            "LBN": ("Measuring ICS",),
            "BLOG": ("NeurIPS Findings: internal covariate shift, measured",),
        },
        headings=("Measuring the shift of the task", "What the measure is made of"),
        exercises=("covariate-shift-diagnose",),
    ),
    Topic(
        name="Does batch norm increase internal covariate shift?",
        slides={"LBN": ("New paper: How Does Batch Norm Help Optimization?", "Measuring ICS")},
        headings=("Depth and rate decide",),
    ),
    Topic(
        name="Noisy batch norm",
        slides={
            "LBN": ("New paper: How Does Batch Norm Help Optimization?", "BN vs Noisy BN"),
            "BLOG": ("NeurIPS Findings: noisy batch norm",),
        },
        headings=("Back to the noise", "What the noise can show, and what it can't"),
    ),
    Topic(
        name="What the measurements say on internal covariate shift",
        slides={"NT": ("Conclusion",), "LBN": ("Why: short answer",), "BLOG": ("Conclusions",)},
        headings=("A fair verdict",),
    ),
)

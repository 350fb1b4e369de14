"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Batch norm as a regularizer",
        slides={
            "JHU": (
                "Batch Normalization: the algorithm and its benefits",
                "Batch Normalization as a regularizer, other approaches",
            ),
            "NT": ("Batch Normalization: effects on regularization",),
            "LBN": ("How does Batch Norm help generalisation?",),
        },
    ),
    Topic(
        name="Larger rates, noise of SGD and sharp minima",
        slides={
            "BLOG": (
                "What is Batch Normalization? Rates and gradients",
                "NeurIPS Findings: noise of SGD and sharp minima",
            )
        },
    ),
    Topic(
        name="Variance of a batch's mean and variance",
        slides={"LBN": ("How much noise does BN cause?",)},
    ),
    Topic(
        name="Healthy noise",
        slides={"LBN": ("Then why? Loss landscape, healthy noise", "Healthy noise")},
    ),
    Topic(
        name="Activation noise, and how a network cancels it",
        slides={"LBN": ("Activation noise",)},
    ),
    Topic(
        name="Small batches as a source of noise",
        slides={"LBN": ("How much noise does BN cause?",)},
    ),
    Topic(
        name="Length-direction decoupling plus healthy noise: the hypothesis",
        slides={"LBN": ("Activation noise",)},
    ),
    Topic(
        name="Parametric noise injection",
        slides={"LBN": ("Activation noise: the one example", "Parametric Noise Injection")},
    ),
    Topic(
        name="Adversarial attacks: FGSM and PGD",
        slides={"LBN": ("Parametric Noise Injection",)},
    ),
    Topic(
        name="Noise in the loss",
        slides={"LBN": ("Noise in loss?",)},
    ),
    Topic(
        name="Memorizing random labels: optimization and generalization",
        slides={"NT": ("Conclusion",)},
    ),
    Topic(
        name="What else smooths: skips, weight decay, dropout",
        slides={"LBN": ("General idea: what re-parametrisation does",)},
    ),
    Topic(
        name="Resilience to unlucky batches",
        slides={"LBN": ("General idea: what re-parametrisation does",)},
    ),
    Topic(
        name="Summary and open questions of the lecture on batch norm",
        slides={"LBN": ("Summary",)},
    ),
)

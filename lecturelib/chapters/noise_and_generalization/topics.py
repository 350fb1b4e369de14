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
        headings=(
            "The question",
            "The noise, separated from everything else",
        ),
    ),
    Topic(
        name="Larger rates, noise of SGD and sharp minima",
        slides={
            "BLOG": (
                "What is Batch Normalization? Rates and gradients",
                "NeurIPS Findings: noise of SGD and sharp minima",
            )
        },
        headings=("Sharp minima",),
    ),
    Topic(
        name="Variance of a batch's mean and variance",
        slides={"LBN": ("How much noise does BN cause?",)},
        headings=("The noise, separated from everything else",),
        exercises=("noise-and-generalization-groups",),
    ),
    Topic(
        name="Healthy noise",
        slides={"LBN": ("Then why? Loss landscape, healthy noise", "Healthy noise")},
        headings=("Healthy noise, in a picture",),
    ),
    Topic(
        name="Activation noise, and how a network cancels it",
        slides={"LBN": ("Activation noise",)},
        headings=("Noise that cancels",),
    ),
    Topic(
        name="Small batches as a source of noise",
        slides={"LBN": ("How much noise does BN cause?",)},
        headings=("Too much, and too little to do",),
    ),
    Topic(
        name="Length-direction decoupling plus healthy noise: the hypothesis",
        slides={"LBN": ("Activation noise",)},
        headings=("What we know, and what not",),
    ),
    Topic(
        name="Parametric noise injection",
        slides={"LBN": ("Activation noise: the one example", "Parametric Noise Injection")},
        headings=("Parametric noise injection",),
    ),
    Topic(
        name="Adversarial attacks: FGSM and PGD",
        slides={"LBN": ("Parametric Noise Injection",)},
        headings=("Noise against attacks",),
        exercises=("noise-and-generalization-diagnose",),
    ),
    Topic(
        name="Noise in the loss",
        slides={"LBN": ("Noise in loss?",)},
        headings=("Noise that the loss rewards",),
        exercises=("noise-and-generalization-sizes",),
    ),
    Topic(
        name="Memorizing random labels: optimization and generalization",
        slides={"NT": ("Conclusion",)},
        headings=("What optimization has to do with it",),
    ),
    Topic(
        name="What else smooths: skips, weight decay, dropout",
        slides={"LBN": ("General idea: what re-parametrisation does",)},
        headings=("What else smooths",),
    ),
    Topic(
        name="Resilience to unlucky batches",
        slides={"LBN": ("General idea: what re-parametrisation does",)},
        headings=("The noise, separated from everything else",),
        note="how much a batch's statistics vary is told; a batch that is unlucky otherwise is not",
    ),
    Topic(
        name="Summary and open questions of the lecture on batch norm",
        slides={"LBN": ("Summary",)},
        headings=("What we know, and what not",),
    ),
)

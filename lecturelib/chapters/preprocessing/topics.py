"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Inputs of one sign: gradients of one sign",
        slides={
            "JHU": ("Sigmoid: not zero-centered", "Reminder: The Sigmoid or ReLU Problem"),
            "NT": ("What if input samples are not 0 mean?",),
        },
        headings=("Positive inputs",),
    ),
    Topic(
        name="Zero-centring",
        slides={
            "JHU": ("Preprocessing: centring and normalizing", "Recap: preprocessing"),
            "NT": ("Motivation: take-home message",),
        },
        headings=("The mean, with a bias", "The mean, without a bias"),
    ),
    Topic(
        name="Normalizing",
        slides={
            "JHU": ("Preprocessing: centring and normalizing", "Recap: preprocessing"),
            "NT": ("Motivation: take-home message",),
        },
        headings=("Four steps", "Units"),
    ),
    Topic(
        name="Decorrelating and whitening",
        slides={
            "JHU": ("Preprocessing: whitening", "Recap: preprocessing"),
            "NT": ("Motivation: take-home message",),
        },
        headings=("Correlation: decorrelate and whiten",),
    ),
    Topic(
        name="Conditioning: the second moment of the inputs caps the learning rate",
        slides={"NT": ("What if input samples are not 0 mean and unit variance?",)},
        headings=(r"The Hessian of least squares is $\mathbb E[\mathbf x\mathbf x^\top]$",),
    ),
    Topic(
        name="The same properties at all hidden layers",
        slides={"NT": ("Motivation: take-home message",)},
        headings=("Beyond least squares",),
    ),
    Topic(
        name="Preprocessing of images",
        slides={
            "JHU": (
                "Preprocessing: centring and normalizing",
                "Preprocessing: whitening",
                "Recap: preprocessing",
            )
        },
        headings=("Images",),
    ),
    Topic(
        name="The training set's transformation at inference",
        slides={"JHU": ("Recap: at inference time",)},
        headings=("What to do at test time?", "Leaks"),
    ),
    Topic(
        name="Dynamic range of images, and quantization",
        slides={"JHU": ("A Brief Aside: quantization",)},
        headings=("The dynamic range of images",),
    ),
    Topic(
        name="Window and level of medical images",
        slides={"JHU": ("A Brief Aside: medical images, window and level",)},
        headings=("The dynamic range of images",),
    ),
)

"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Bagging: bootstrap aggregation",
        slides={"FFN": ("Bagging",)},
        headings=("Where to get $k$ predictors from one data set",),
    ),
    Topic(
        name="Proof that the error of uncorrelated predictors falls as 1/k",
        slides={"FFN": ("Bagging",)},
        headings=("Bagging: what an average gains",),
        exercises=("dropout-how-many",),
    ),
    Topic(
        name="Dropout in training",
        slides={
            "FFN": ("Dropout: training and evaluation",),
            "JHU": ("Dropout: during training", "Dropout in Forward Pass"),
        },
        headings=("Forward", "A whole training"),
    ),
    Topic(
        name="Dropout in the backward pass",
        slides={"JHU": ("Dropout in Backward Pass",)},
        headings=("Backward", "A whole training"),
        exercises=("dropout-backward",),
    ),
    Topic(
        name="Dropout at inference: where the factor stands",
        slides={
            "FFN": ("Dropout: training and evaluation",),
            "JHU": ("Dropout at Inference Time: scaling",),
        },
        headings=("Inference",),
    ),
    Topic(
        name="Dropout as an ensemble of subnets",
        slides={
            "FFN": ("Dropout: an ensemble of subnets",),
            "JHU": ("Dropout at Inference Time: sub-networks",),
        },
        headings=("Dropout: a bag for the price of one network", "How much of a bag is it?"),
    ),
    Topic(
        name="The full network as a geometric mean",
        slides={"FFN": ("Dropout: an ensemble of subnets",)},
        headings=("Is the full network the mean of its subnets?",),
        exercises=("dropout-break-mean",),
    ),
    Topic(
        name="Channels are dropped, not pixels",
        slides={"FFN": ("Applying Dropout",)},
        headings=("Why channels and not pixels?",),
        exercises=("dropout-blocks",),
    ),
    Topic(
        name="Typical rates of dropout",
        slides={"FFN": ("Applying Dropout",), "JHU": ("Dropout: Typical Values and Results",)},
        headings=("Which $p$",),
    ),
    Topic(
        name="Published performance of dropout",
        slides={"FFN": ("Dropout Performance",)},
        headings=("Which $p$",),
    ),
    Topic(
        name="Features of an autoencoder, with dropout and without",
        slides={"JHU": ("Dropout: Typical Values and Results",)},
        headings=("What hidden units learn",),
    ),
    Topic(
        name="Test-time dropout",
        slides={"JHU": ("Dropout at Inference Time: test-time dropout",)},
        headings=("Masks at test time",),
    ),
    Topic(
        name="Smoothness of the mean loss under dropout",
        slides={"LBN": ("General idea: what re-parametrisation does",)},
        headings=("The path over the loss",),
    ),
)

"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="What batch norm is worth: faster convergence",
        slides={
            "JHU": ("Batch Normalization: the algorithm and its benefits",),
            "NT": ("Introduction: task and goal",),
        },
        headings=("The effect",),
    ),
    Topic(
        name="From the whole distribution to one unit on a minibatch",
        slides={
            "FFN": ("Batch Normalization, a picture",),
            "JHU": (
                "Move Batches to Standard Location",
                "Batch Normalization: standardize at each layer",
            ),
            "NT": ("Batch Normalization: key idea",),
        },
        headings=("The idea",),
    ),
    Topic(
        name="The forward pass of batch norm",
        slides={
            "FFN": ("Batch Normalization: a hidden unit",),
            "JHU": ("Batch Normalization: the algorithm and its benefits",),
            "NT": ("Batch Normalization: a ReLU layer",),
            "LBN": ("What: intuition of the calculation",),
            "BLOG": ("What is Batch Normalization? The layer",),
        },
        headings=("The forward pass",),
        exercises=("batch-norm-forward",),
    ),
    Topic(
        name="Scale γ and shift β",
        slides={
            "FFN": ("Batch Normalization: evaluation and implementation",),
            "JHU": ("Batch Normalization: scale and shift",),
            "NT": ("Batch Normalization: a ReLU layer",),
            "LBN": ("What: the forgotten parameters",),
            "BLOG": ("What is Batch Normalization? The layer",),
        },
        headings=("Why γ and β?", "What do they learn?"),
    ),
    Topic(
        name="Batch norm can represent the identity",
        slides={
            "JHU": ("Batch Normalization: the network can learn identity",),
            "LBN": ("When goes BN: original paper",),
        },
        headings=("Why γ and β?",),
        exercises=("batch-norm-identity",),
    ),
    Topic(
        name="The linear regime of sigmoid and tanh",
        slides={
            "JHU": ("Batch Normalization: is a unit Gaussian what we want?",),
            "LBN": ("When goes BN: original paper",),
        },
        headings=("Why γ and β?",),
    ),
    Topic(
        name="Why the bias stands outside the normalization",
        slides={"NT": ("Batch Normalization: bias outside the normalization",)},
        headings=("Why γ and β?",),
        exercises=("batch-norm-why-beta-outside",),
    ),
    Topic(
        name="Gaussian pre-activations, and a point mass behind a ReLU",
        slides={
            "NT": ("Batch Normalization: why not post-activation?",),
            "LBN": ("In the context of ReLU: distributions",),
        },
        headings=("Before the ReLU, or after it?",),
    ),
    Topic(
        name="The backward pass of batch norm",
        slides={
            "JHU": ("Batch Normalization: standardize at each layer",),
            "LBN": ("Gradient of the input before BN",),
            "BLOG": ("What is Batch Normalization? The layer",),
        },
        headings=("The backward pass", "What the formula means"),
        exercises=("batch-norm-backward",),
    ),
    Topic(
        name="Back-propagation through the statistics",
        slides={"NT": ("Batch Normalization: back-propagate through it",)},
        headings=("Why go through the statistics at all?",),
    ),
    Topic(
        name="Training and inference: running statistics, population variance",
        slides={
            "FFN": ("Batch Normalization: evaluation and implementation",),
            "JHU": ("Batch Normalization During Testing",),
            "NT": ("Batch Normalization: test time",),
            "LBN": ("How much noise does BN cause?",),
        },
        headings=("Training and inference", "The running average", "Two modes of one network"),
        exercises=("batch-norm-running-statistics",),
    ),
    Topic(
        name="Folding batch norm into the weights",
        slides={"LBN": ("In the context of ReLU: expressivity",)},
        headings=("Folding",),
        exercises=("batch-norm-folding",),
    ),
    Topic(
        name="Batch norm behind a convolution",
        slides={
            "NT": ("Batch Normalization: convolutional layers",),
            "LBN": ("How: convolutions and biases",),
        },
        headings=("Convolutions",),
        exercises=("batch-norm-split-batch",),
    ),
    Topic(
        name="Biases before batch norm are redundant",
        slides={"LBN": ("How: convolutions and biases",)},
        headings=("The bias before batch norm is redundant",),
        exercises=("batch-norm-redundant-bias",),
    ),
)

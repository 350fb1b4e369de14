"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Weight norm: length and direction",
        slides={
            "NT": ("Weight Normalization: key idea", "Weight Normalization: a ReLU layer"),
            "LBN": ("Weight norm vs layer norm",),
        },
        headings=("Weight norm: length and direction apart",),
    ),
    Topic(
        name="Weight norm: back-propagation, and steps at a right angle",
        slides={
            "NT": (
                "Weight Normalization: key idea",
                "Weight Normalization: back-propagating through it",
            )
        },
        headings=("Weight norm: length and direction apart",),
    ),
    Topic(
        name="Weight norm shifts no gradient",
        slides={"LBN": ("What about in WN?",)},
        headings=("Weight norm: length and direction apart", "Four more, on paper"),
    ),
    Topic(
        name="Weight norm: data-dependent start",
        slides={"NT": ("Weight Normalization: key idea", "Weight Normalization: initialization")},
        headings=("One batch to begin with",),
    ),
    Topic(
        name="Weight norm against batch norm: sphere and ellipsoid",
        slides={"LBN": ("Weight normalisation vs batch normalisation",)},
        headings=("Weight norm is batch norm for white inputs",),
    ),
    Topic(
        name="Mean-only batch norm, and the table of weight norm",
        slides={"NT": ("Weight Normalization: published figures",)},
        headings=("Only the mean",),
    ),
    Topic(
        name="Normalization propagation",
        slides={
            "NT": (
                "Normalization Propagation: key idea",
                "Normalization Propagation: a ReLU layer",
            ),
            "LBN": ("Norm propagation vs weight norm",),
        },
        headings=("NormProp: constants in place of statistics",),
    ),
    Topic(
        name="Assumptions of normalization propagation: white data, incoherent rows, Gaussian sums",
        slides={
            "NT": ("Normalization Propagation: key idea",),
            "LBN": ("Norm propagation vs weight norm",),
        },
        headings=("Three assumptions, each broken on purpose",),
    ),
    Topic(
        name="Normalization propagation: convolutions, batches of one",
        slides={
            "NT": (
                "Normalization Propagation: a ReLU layer",
                "Normalization Propagation: convolutional layers",
            )
        },
        headings=("NormProp: constants in place of statistics",),
    ),
    Topic(
        name="Normalization propagation: singular values of the Jacobian",
        slides={"NT": ("Normalization Propagation: analysis of the Jacobian",)},
        headings=("NormProp: constants in place of statistics",),
    ),
    Topic(
        name="Normalization propagation: other activations",
        slides={"NT": ("Normalization Propagation: other activations",)},
        headings=("NormProp: constants in place of statistics",),
        exercises=("normalization-family-constants",),
    ),
    Topic(
        name="Normalization propagation against batch norm: scaling, noise, published errors",
        slides={
            "NT": (
                "Normalization Propagation: effects as of batch norm",
                "Normalization Propagation: published table",
            ),
            "LBN": ("Norm propagation vs weight norm",),
        },
        headings=(
            "NormProp: constants in place of statistics",
            "Three assumptions, each broken on purpose",
        ),
    ),
    Topic(
        name="Layer norm: statistics of one sample",
        slides={"NT": ("Layer Normalization: key idea",), "LBN": ("Weight norm vs layer norm",)},
        headings=("Who averages over what",),
    ),
    Topic(
        name="Layer norm in recurrent nets",
        slides={
            "NT": ("Layer Normalization: key idea", "Layer Normalization: recurrent nets"),
            "LBN": ("Considerations on similarity",),
        },
        headings=("Layer norm in recurrent nets",),
        exercises=("normalization-family-recurrent-scale",),
    ),
    Topic(
        name="Invariances of batch, weight and layer norm",
        slides={"NT": ("Layer Normalization: effects", "Conclusion")},
        headings=("What each cannot see",),
        exercises=("normalization-family-shift",),
    ),
    Topic(
        name="Published curves of layer norm on a reading task",
        slides={"NT": ("Layer Normalization: published curves",)},
        note="the page shows none of them",
    ),
    Topic(
        name="How the norms resemble each other, and which is a reparametrization",
        slides={"LBN": ("How: other contenders", "Considerations on similarity")},
        headings=("What each cannot see", "One batch to begin with"),
    ),
    Topic(
        name="Instance, group and RMS norm",
        headings=("Who averages over what",),
    ),
    Topic(
        name="Norms of other powers (Lp)",
        slides={"LBN": ("Norm scaling",)},
        headings=("Which mean, which size?",),
    ),
    Topic(
        name="Detached layer norm: the forward pass or the gradient",
        slides={"LBN": ("Detach-Norm vs Layer Norm", "Gradient of the input before BN")},
        headings=("Is it the forward pass, or the gradient?",),
    ),
)

"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Gradients by back-propagation",
        slides={"FFN": ("Training Networks",)},
        headings=("The question", "The answer: what a gradient costs"),
    ),
    Topic(
        name="Chain rule in many dimensions, and Jacobians",
        slides={"FFN": ("Chain Rule N-D",)},
        headings=("The chain rule in many dimensions",),
        exercises=("backprop-jacobian",),
    ),
    Topic(
        name="General chain rule",
        slides={"FFN": ("General Chain Rule",)},
        headings=("Many functions in a row",),
    ),
    Topic(
        name="Computational graphs",
        slides={
            "FFN": ("Computational Graph",),
            "JHU": ("Training MLPs and ConvNets: computational graphs",),
        },
        headings=("A graph, by hand",),
    ),
    Topic(
        name="Complex computational graphs",
        slides={
            "FFN": ("Complex Computational Graphs",),
            "JHU": ("Training MLPs and ConvNets: computational graphs",),
        },
        headings=("The rule on any graph",),
        exercises=("backprop-order",),
    ),
    Topic(
        name="Drawing a graph",
        slides={"FFN": ("PytorchViz",)},
        headings=("The rule on any graph",),
    ),
    Topic(
        name="A reverse-mode engine: forward and backward of each node",
        slides={"JHU": ("Training MLPs and ConvNets: set-up and batched SGD",)},
        headings=("An engine in thirty lines", "What a serious engine adds"),
    ),
    Topic(
        name="The training loop: sample, forward, backward, update",
        slides={"JHU": ("Training MLPs and ConvNets: set-up and batched SGD",)},
        headings=("A network learns XOR",),
    ),
    Topic(
        name="Shared weights in the graph",
        slides={"JHU": ("Training MLPs and ConvNets: computational graphs",)},
        headings=("Shared weights: a convolution in the graph",),
    ),
    Topic(
        name="Gradient checking",
        headings=("Gradient checking",),
        exercises=("backprop-fool-check",),
    ),
)

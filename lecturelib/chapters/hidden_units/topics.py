"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Linear layers collapse",
        slides={"FFN": ("Hidden Units", "Linear Layers")},
        headings=("Linear layers collapse",),
        exercises=("hidden-units-collapse",),
    ),
    Topic(
        name="The perceptron, its threshold, and a differentiable one",
        slides={"JHU": ("The Neural View of Perceptrons",)},
        headings=("From a threshold to a slope",),
    ),
    Topic(
        name="Activation functions side by side",
        slides={"FFN": ("Hidden Units",), "JHU": ("The Zoo of Common Activation Functions",)},
        headings=("The zoo, to play with", "Values and gradients in depth"),
    ),
    Topic(
        name="Sigmoid and its saturation",
        slides={"FFN": ("Sigmoid, as hidden unit",), "JHU": ("Sigmoid: saturation",)},
        headings=("Sigmoid", "Does it saturate?"),
    ),
    Topic(
        name="Slopes at −10, 0 and 10",
        slides={"JHU": ("Sigmoid: saturation", "Rectified Linear Unit")},
        headings=("Does it saturate?",),
        exercises=("hidden-units-derivatives",),
    ),
    Topic(
        name="Vanishing gradients through the activations of many layers",
        slides={"FFN": ("Sigmoid, as hidden unit", "Hyperbolic Tangent")},
        headings=("Values and gradients in depth",),
    ),
    Topic(
        name="Activations that are not centred",
        slides={
            "FFN": ("Sigmoid, as hidden unit", "ReLU"),
            "JHU": ("Sigmoid: not zero-centered", "Rectified Linear Unit"),
        },
        headings=("Does it saturate?", "Inputs of one sign"),
    ),
    Topic(
        name="The price of the exponential",
        slides={"JHU": ("Sigmoid: exp is expensive", "Exponential Linear Unit")},
        headings=("Is the exponential expensive?",),
    ),
    Topic(
        name="Tanh",
        slides={"FFN": ("Hyperbolic Tangent",), "JHU": ("Hyperbolic Tangent",)},
        headings=("Tanh, and the recommended tanh",),
    ),
    Topic(
        name="Recommended tanh",
        slides={"JHU": ("Recommended tanh",)},
        headings=("Tanh, and the recommended tanh",),
    ),
    Topic(
        name="ReLU",
        slides={"FFN": ("ReLU",), "JHU": ("Rectified Linear Unit",)},
        headings=("ReLU, and how it dies",),
    ),
    Topic(
        name="Dead units, and small positive biases",
        slides={"FFN": ("ReLU",), "JHU": ("Rectified Linear Unit: active and dead",)},
        headings=("Dead units", "Leaky, parametric, exponential"),
        exercises=("hidden-units-dead-units", "hidden-units-kill"),
    ),
    Topic(
        name="Leaky ReLU",
        slides={"FFN": ("Leaky ReLU",), "JHU": ("Leaky Rectified Linear Unit",)},
        headings=("Leaky, parametric, exponential",),
    ),
    Topic(
        name="Parametric ReLU",
        slides={"FFN": ("Parametric ReLU",), "JHU": ("Parametric Rectifier",)},
        headings=("Leaky, parametric, exponential",),
        exercises=("hidden-units-prelu",),
    ),
    Topic(
        name="ELU",
        slides={"JHU": ("Exponential Linear Unit",)},
        headings=("Leaky, parametric, exponential",),
    ),
    Topic(
        name="GELU, Swish and Mish",
        slides={"FFN": ("GELU",)},
        headings=("GELU, Swish, Mish: smooth and not monotonic",),
        exercises=("hidden-units-soft-gates",),
    ),
    Topic(
        name="Maxout, and its doubled parameters",
        slides={"FFN": ("Maxout Units",), "JHU": ("Maxout",)},
        headings=("Maxout: learn the activation",),
        exercises=("hidden-units-maxout",),
    ),
    Topic(
        name="Activations compared on ImageNet",
        slides={"FFN": ("Quantitative Evaluation",)},
        headings=("Does it matter? What was published",),
    ),
    Topic(
        name="Which activation to use",
        slides={"FFN": ("Non-linearity conclusion",), "JHU": ("Recap: activation",)},
        headings=("What to use", "Our own run"),
    ),
)

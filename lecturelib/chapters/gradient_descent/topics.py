"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Training as gradient descent on a cost",
        slides={"FFN": ("Training Networks",), "JHU": ("The Neural View of Perceptrons",)},
        headings=("The question",),
    ),
    Topic(
        name="Learning against optimization: risk and empirical risk",
        slides={"FFN": ("Learning vs Optimization",)},
        headings=("Is a minimum what we want?",),
    ),
    Topic(
        name="Many minima",
        slides={"FFN": ("Learning vs Optimization",)},
        headings=("Many minima, which one is better?",),
    ),
    Topic(
        name="Batch and minibatch gradients",
        slides={"FFN": ("Batch vs Minibatch Gradient Methods",)},
        headings=("How noisy is a minibatch?", "What it costs"),
    ),
    Topic(
        name="Small minibatches and generalization",
        slides={"FFN": ("Batch vs Minibatch Gradient Methods",)},
        headings=("Do small minibatches generalize well?",),
    ),
    Topic(
        name="Stochastic gradient descent as an algorithm",
        slides={
            "FFN": ("Stochastic Gradient Descent",),
            "JHU": ("Training MLPs and ConvNets: set-up and batched SGD",),
        },
        headings=("The algorithm with minibatches",),
    ),
    Topic(
        name="Conditions of Robbins and Monro",
        slides={"FFN": ("SGD: convergence",)},
        headings=("When does it converge?", "The conditions of Robbins and Monro"),
        exercises=("gradient-descent-schedules",),
    ),
    Topic(
        name="Choice of the learning rate",
        slides={"FFN": ("SGD: choice of the learning rate",)},
        headings=("The effect", "A network has no K"),
    ),
    Topic(
        name="Lipschitz constants, and the rate below 2/K",
        slides={"FFN": ("SGD: Lipschitz constant",)},
        headings=("How long may a step be?", "The descent lemma"),
        exercises=("gradient-descent-uphill",),
    ),
)

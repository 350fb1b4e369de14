"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Training data and their empirical distribution",
        slides={"FFN": ("Cost Function", "Conditional Log-likelihood")},
        headings=("Training data and the empirical distribution",),
    ),
    Topic(
        name="A network gives the parameters of a distribution of y, not y itself",
        slides={"FFN": ("Cost Function",)},
        headings=("The question",),
    ),
    Topic(
        name="Maximum likelihood as the smallest negative log-likelihood",
        slides={"FFN": ("Cost Function", "Conditional Log-likelihood")},
        headings=("Maximum likelihood",),
    ),
    Topic(
        name="Gaussian model: squared error and mean",
        slides={"FFN": ("Gaussian Model", "Extra slides: Gaussian Model")},
        headings=(
            "The Gaussian model: squared error, mean",
            "What changes when the function is a network",
        ),
    ),
    Topic(
        name="Linear regression and its closed form",
        slides={"FFN": ("Linear Regression", "Extra slides: Linear Regression")},
        headings=("Linear regression, in closed form",),
        exercises=("cost-functions-least-squares",),
    ),
    Topic(
        name="Laplace model: absolute error and median",
        slides={"FFN": ("Laplace Model", "Extra slides: Laplace Model")},
        headings=("The Laplace model: absolute error, median",),
    ),
    Topic(
        name="Bernoulli model: cross-entropy and probability",
        slides={"FFN": ("Extra slides: Bernoulli Model",)},
        headings=("The Bernoulli model: cross-entropy, probability",),
    ),
    Topic(
        name="Mean property of the Bernoulli model",
        slides={"FFN": ("Extra slides: Bernoulli Model",)},
        headings=("The mean property",),
    ),
    Topic(
        name="The same models by functional derivatives",
        slides={
            "FFN": (
                "Extra slides: Gaussian Model",
                "Extra slides: Laplace Model",
                "Extra slides: Bernoulli Model",
            )
        },
        headings=("All inputs: costs of functions",),
    ),
    Topic(
        name="Categorical model",
        headings=("The categorical model",),
    ),
    Topic(
        name="Heteroscedastic noise: a second output for the scale",
        headings=("How noisy is the target? A second output",),
        exercises=("cost-functions-two-outputs",),
    ),
)

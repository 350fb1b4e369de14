"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Reparametrization: direction apart from length",
        slides={"LBN": ("Why: short answer", "General idea: what re-parametrisation does")},
    ),
    Topic(
        name="A Riemannian view of batch norm",
        slides={"LBN": ("Weight normalisation vs batch normalisation",)},
    ),
    Topic(
        name="Ellipsoid against sphere in optimization",
        slides={
            "LBN": ("Weight normalisation vs batch normalisation", "Learning Half-spaces: result")
        },
    ),
    Topic(
        name="Least squares in the norm of S",
        slides={"LBN": ("Reparametrisation on Least Squares",)},
    ),
    Topic(
        name="Gradient descent in normalized parameters (GDNP)",
        slides={"LBN": ("Reparametrisation on Least Squares", "Learning Half-spaces: result")},
    ),
    Topic(
        name="Learning halfspaces",
        slides={"LBN": ("Learning Half-spaces", "Learning Half-spaces: result")},
    ),
    Topic(
        name="The path of the direction",
        slides={"LBN": ("Learning Half-spaces",)},
    ),
    Topic(
        name="Convergence rates and their assumptions",
        slides={"LBN": ("Learning Half-spaces: result",)},
    ),
    Topic(
        name="The desire of a unit, and the sign of a step",
        slides={"LBN": ("Reparametrization visualised",)},
    ),
    Topic(
        name="A step's sign as an exclusive or",
        slides={"LBN": ("On complexity on learning functions",)},
    ),
    Topic(
        name="Shutting a unit down",
        slides={
            "LBN": (
                "On complexity on learning functions",
                "Reparametrisation helps: step rule for new parameters",
            )
        },
    ),
    Topic(
        name="Learning the identity, with batch norm",
        slides={"LBN": ("On complexity on learning functions",)},
    ),
    Topic(
        name="What γ and β make easy",
        slides={"LBN": ("Reparametrisation helps: step rule for new parameters",)},
    ),
    Topic(
        name="Dependencies between layers",
        slides={"LBN": ("Dependencies between layers",)},
    ),
)

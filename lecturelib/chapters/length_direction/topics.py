"""Topics of the lectures that this chapter teaches, and the headings under which it does."""

from __future__ import annotations

from lecturelib.topics import Topic

TOPICS: tuple[Topic, ...] = (
    Topic(
        name="Reparametrization: direction apart from length",
        slides={"LBN": ("Why: short answer", "General idea: what re-parametrisation does")},
        headings=(
            "The question",
            "Least squares, taken apart",
        ),
        exercises=("length-direction-best-length",),
    ),
    Topic(
        name="A Riemannian view of batch norm",
        slides={"LBN": ("Weight normalisation vs batch normalisation",)},
        headings=("The same, as geometry on a curved surface",),
        exercises=("length-direction-great-circle",),
    ),
    Topic(
        name="Ellipsoid against sphere in optimization",
        slides={
            "LBN": ("Weight normalisation vs batch normalisation", "Learning Half-spaces: result")
        },
        headings=("Ellipsoid and sphere",),
    ),
    Topic(
        name="Least squares in the norm of S",
        slides={"LBN": ("Reparametrisation on Least Squares",)},
        headings=("Least squares, taken apart",),
    ),
    Topic(
        name="Gradient descent in normalized parameters (GDNP)",
        slides={"LBN": ("Reparametrisation on Least Squares", "Learning Half-spaces: result")},
        headings=("How fast: descent on the direction",),
        exercises=("length-direction-factors",),
    ),
    Topic(
        name="Learning halfspaces",
        slides={"LBN": ("Learning Half-spaces", "Learning Half-spaces: result")},
        headings=("One path for every loss",),
        exercises=("length-direction-outliers",),
    ),
    Topic(
        name="The path of the direction",
        slides={"LBN": ("Learning Half-spaces",)},
        headings=("One path for every loss",),
    ),
    Topic(
        name="Convergence rates and their assumptions",
        slides={"LBN": ("Learning Half-spaces: result",)},
        headings=("What the rate table compares",),
    ),
    Topic(
        name="The desire of a unit, and the sign of a step",
        slides={"LBN": ("Reparametrization visualised",)},
        headings=("What γ and β see",),
    ),
    Topic(
        name="A step's sign as an exclusive or",
        slides={"LBN": ("On complexity on learning functions",)},
        headings=("What γ and β see",),
    ),
    Topic(
        name="Shutting a unit down",
        slides={
            "LBN": (
                "On complexity on learning functions",
                "Reparametrisation helps: step rule for new parameters",
            )
        },
        headings=("What γ and β see",),
    ),
    Topic(
        name="Learning the identity, with batch norm",
        slides={"LBN": ("On complexity on learning functions",)},
        headings=("The identity, with controls",),
    ),
    Topic(
        name="What γ and β make easy",
        slides={"LBN": ("Reparametrisation helps: step rule for new parameters",)},
        headings=(
            "What γ and β see",
            "The identity, with controls",
        ),
        exercises=("length-direction-gains-alone",),
    ),
    Topic(
        name="Dependencies between layers",
        slides={"LBN": ("Dependencies between layers",)},
        headings=("Between layers",),
    ),
)

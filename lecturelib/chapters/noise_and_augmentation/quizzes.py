"""Questions on noise and augmentation, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "noise-and-augmentation-assumption",
        "A network reads the hands of clocks. Which augmentation can keep every label as it is?",
        (
            Choice(
                "Rotation by up to 30°.",
                "A turned clock shows another hour: 30° is exactly one.",
            ),
            Choice(
                "A shift by two pixels.",
                "The clock moves, and the angle of its hands does not.",
                right=True,
            ),
            Choice(
                "A flip of left and right.",
                "Three o'clock becomes nine o'clock.",
            ),
        ),
    ),
    Quiz(
        "noise-and-augmentation-smoothing",
        "A network trained with ε = 0.1 and ten classes fits its smoothed targets perfectly. Which"
        " probability does it state for the right class of a training image?",
        (
            Choice("1", "That is the target without smoothing; no finite logits reach it."),
            Choice("0.9", "A tenth of ε goes back to the right class: it has its share, too."),
            Choice(
                "0.91",
                "The smoothed target of the right class, 1 − ε + ε/K = 0.9 + 0.01.",
                right=True,
            ),
            Choice("0.1", "That is what all ten classes get together from the uniform part."),
        ),
    ),
    Quiz(
        "noise-and-augmentation-weights",
        "Noise is added to the weights of a model that is linear in its weights, with squared"
        " error. When is the gradient penalty alone exactly what the noise adds?",
        (
            Choice(
                "Always.",
                "The second derivatives by the weights are 0, so no other term is left, of any"
                " order.",
                right=True,
            ),
            Choice(
                "Only where the residuals are 0.",
                "Residuals multiply the second derivatives, and these are 0 here.",
            ),
            Choice(
                "Only for small noise.",
                "The expansion ends after the first order here, however large the noise.",
            ),
        ),
    ),
)

"""Questions on optimizers, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "optimizers-momentum",
        "A run with SGD at rate 0.1 is stable and slow. You add a momentum of 0.9 and leave the"
        " rate. What changes in the long run, besides the speed?",
        (
            Choice(
                "Nothing: momentum averages the gradients, so the noise becomes smaller.",
                "The velocity is a sum with weights that add up to ten. The next section computes"
                " what noise is left.",
            ),
            Choice(
                "Consistent gradients now make steps ten times as large, so the effective rate is"
                " 1.",
                "g/(1 − α) with α = 0.9. Divide the rate by about ten if you want the noise of"
                " before.",
                right=True,
            ),
            Choice(
                "It diverges: 0.9 and 0.1 add up to 1.",
                "On a quadratic it converges for ηλ < 2(1 + α), a wider range than without.",
            ),
        ),
    ),
    Quiz(
        "optimizers-bias-correction",
        "You switch off Adam's bias correction. With the usual betas, what happens in the first"
        " hundred steps?",
        (
            Choice(
                "Steps are too small, as both averages start at zero.",
                "Both do. But the mean square fills up more slowly, and it stands below the line.",
            ),
            Choice(
                "Steps are too large, by up to a factor of about six.",
                "(1 − β₁ᵗ)/√(1 − β₂ᵗ) is 3.2 at the first step and largest at the twelfth.",
                right=True,
            ),
            Choice(
                "Nothing that one would see: the corrections tend to 1 quickly.",
                "That of the mean tends to 1 within twenty steps, that of the mean square takes"
                " thousands.",
            ),
        ),
    ),
    Quiz(
        "optimizers-decay",
        "Adam with weight_decay=0.01 and AdamW with weight_decay=0.01 in PyTorch: how do they"
        " differ?",
        (
            Choice(
                "Not at all but for the name.",
                "Look at where the decay enters: before the averages, or beside the step?",
            ),
            Choice(
                "AdamW is Adam with a decay that is stronger by a constant factor.",
                "For momentum that is about so. For Adam no factor made the two alike.",
            ),
            Choice(
                "In Adam the decay is divided by the usual size of each gradient, in AdamW not.",
                "So in Adam weights with large gradients are hardly shrunk.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "optimizers-solver",
        "A paper proposes a solver. Tuned over 50 settings it beats Adam at its default by a point,"
        " with one run each. What is missing?",
        (
            Choice(
                "Nothing: a point is a point.",
                "Tuning is worth more than a point for any solver, and seeds scatter by as much.",
            ),
            Choice(
                "A larger network.",
                "It may be of use, but it would not mend the comparison.",
            ),
            Choice(
                "Adam tuned over 50 settings as well, several seeds, and choices made on held-out"
                " data.",
                "The same budget for both sides, and the spread. In our run this left no winner.",
                right=True,
            ),
        ),
    ),
)

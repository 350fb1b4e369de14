"""Questions on covariate shift, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "covariate-shift-domains",
        "Which of these is a covariate shift in Shimodaira's sense?",
        (
            Choice(
                "A clinic measures older patients than the study did; at a given age the risk is "
                "the same.",
                "The distribution of the input moves, and the rule from input to output stays.",
                right=True,
            ),
            Choice(
                "The same patients fall ill more often this year, whatever their age.",
                "Here P(x) stays and P(y|x) changes: weights on the inputs cannot repair that.",
            ),
            Choice(
                "The doctors now call a milder form by the name of the illness.",
                "The rule that maps inputs to labels has changed, so P(y|x) has.",
            ),
        ),
    ),
    Quiz(
        "covariate-shift-first-layer",
        "For which layer is the internal covariate shift ‖G − G′‖ always 0?",
        (
            Choice(
                "The first, since no layer lies below it.",
                "G′ moves the layers below alone; below the first there is only the data.",
                right=True,
            ),
            Choice(
                "The last, since no layer lies above it.",
                "Its inputs come through all other layers, and these have moved.",
            ),
            Choice(
                "None: every layer moves in a step.",
                "The layer's own move does not enter: G and G′ are taken at the same own weights.",
            ),
        ),
    ),
    Quiz(
        "covariate-shift-noise",
        "What does noisy batch norm, which trains well, refute?",
        (
            Choice(
                "That batch norm reduces internal covariate shift.",
                "It says nothing of what batch norm without noise does to the shift.",
            ),
            Choice(
                "That units with a stable mean and spread are necessary for batch norm to help.",
                "They are not stable under the noise, and most of the help is still there.",
                right=True,
            ),
            Choice(
                "That a shift of distributions can harm training.",
                "The same noise without batch norm does harm, and with it the loss is higher.",
            ),
        ),
    ),
)

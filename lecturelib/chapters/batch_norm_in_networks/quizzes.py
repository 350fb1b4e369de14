"""The questions that the lectures ask about batch norm in networks, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "batch-norm-in-networks-before-or-after",
        "Batch norm before or after the ReLU: which statement is safe?",
        (
            Choice(
                "Before: the paper proves that it trains faster there.",
                "The paper places it before the non-linearity with an argument, not with a proof;"
                " others measured small advantages for the other order.",
            ),
            Choice(
                "After: a network with batch norm behind the ReLU represents more functions.",
                "With frozen statistics batch norm is an affine map that the next linear layer can"
                " absorb. The set of functions is the same.",
            ),
            Choice(
                "Neither order adds functions to a network of linear layers with biases; which one"
                " trains better is a question for experiments.",
                "Before the ReLU it folds into the linear layer in front, after it into the one"
                " behind. What differs is how training goes.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "batch-norm-in-networks-one-output",
        "Two samples in two different batches get the same output of batch norm in training. What "
        "follows?",
        (
            Choice(
                "The two samples are equal.",
                "The middle samples of [0, 1, 2] and [9, 10, 11] both become 0.",
            ),
            Choice(
                "The two samples lie equally far from the mean of their batch, in units of its"
                " spread.",
                "Only the place within the batch is kept. Where absolute size carries meaning, this"
                " is a loss, and a reason against batch norm.",
                right=True,
            ),
            Choice(
                "The two batches have the same mean.",
                "Batch means are subtracted: they may be anything.",
            ),
        ),
    ),
)

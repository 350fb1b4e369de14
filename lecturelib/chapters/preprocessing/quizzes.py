"""Questions on preprocessing, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "preprocessing-steps",
        "One input is measured in millimetres and not in metres any more; all others stay. What"
        " happens to least squares with gradient descent at the best rate?",
        (
            Choice(
                "Nothing: its weight becomes a thousand times smaller, and the predictions are the"
                " same.",
                "The optimum is the same function. The way to it is not: that input's second"
                " moment has grown by a factor of a million.",
            ),
            Choice(
                "The rate must fall by about a million, and all other weights wait.",
                "The largest eigenvalue sets the rate, the smallest the time. κ has grown by about"
                " as much.",
                right=True,
            ),
            Choice(
                "It gets faster, as that weight has a shorter way to go.",
                "Its own way is shorter. But the rate that it allows is smaller, for all of them.",
            ),
        ),
    ),
    Quiz(
        "preprocessing-centring",
        "A linear layer without a bias gets inputs with a mean. You centre them. What happens to"
        " the condition number of E[xxᵀ]?",
        (
            Choice(
                "It falls: the mean made one large eigenvalue.",
                "So it may. But the mean may instead have lifted the smallest eigenvalue.",
            ),
            Choice(
                "It cannot rise.",
                "That is the theorem for a layer with a bias. Here there is none.",
            ),
            Choice(
                "It may fall or rise; it depends on where the mean points and how long it is.",
                "Variances 1 and 0.01 with the mean (0, 1) go from 1.01 to 100.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "preprocessing-whitening",
        "You turn the inputs onto their principal axes, and train a linear unit by gradient"
        " descent. Compared with centred inputs, how fast is it?",
        (
            Choice(
                "As fast as with whitened inputs: they are uncorrelated now.",
                "Uncorrelated is not enough. The variances along the axes are as different as"
                " before.",
            ),
            Choice(
                "Exactly as fast as before.",
                "A rotation leaves the eigenvalues of E[xxᵀ] alone. Only the division that follows"
                " changes them.",
                right=True,
            ),
            Choice(
                "Slower, as the variances differ more on the principal axes than in the columns.",
                "They do differ more. But gradient descent does not see columns; it sees"
                " eigenvalues, and these are the same.",
            ),
        ),
    ),
    Quiz(
        "preprocessing-inference",
        "A network was trained on standardized data. On shuffled test data you standardize each"
        " batch of 100 by its own statistics, and the accuracy is as good as with those of the"
        " training set. Is all well?",
        (
            Choice(
                "Yes, the measurement says so.",
                "It says so for shuffled batches of 100. One sample by itself would become 0, and a"
                " batch of one class would lose it.",
            ),
            Choice(
                "No: what a sample gets now depends on which others come with it.",
                "And in use they are not shuffled. The training set's numbers give each sample one"
                " answer.",
                right=True,
            ),
            Choice(
                "Yes, and it is even better, as it adapts to new data.",
                "If all of them have changed alike, perhaps. Then it is a decision to be made and"
                " tested, not a default.",
            ),
        ),
    ),
)

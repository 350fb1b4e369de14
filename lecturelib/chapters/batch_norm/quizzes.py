"""The questions that the lectures ask about batch normalization, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "batch-norm-test-time",
        "A trained network gets a single image at test time. What should its batch norm layers"
        " use?",
        (
            Choice(
                "Mean and variance of that image alone, as in training.",
                "With one value per feature the deviation from the mean is 0 and the output is β, "
                "whatever the image.",
            ),
            Choice(
                "Averages of the means and variances that were seen in training, stored in the"
                " layer.",
                "The output of an image then depends on that image only, and the layer is a fixed "
                "affine map.",
                right=True,
            ),
            Choice(
                "Nothing: batch norm is left out at test time.",
                "The layers behind it were trained on normalized values; without it they would meet"
                " numbers of another mean and scale.",
            ),
            Choice(
                "Mean and variance of the last training batch.",
                "That works roughly, and the answer would depend on which batch happened to be"
                " last. Averages over many batches have less noise.",
            ),
        ),
    ),
    Quiz(
        "batch-norm-unit-gaussian",
        "Is a mean of 0 and a variance of 1 necessarily what we want in front of a non-linearity?",
        (
            Choice(
                "Yes: each layer then gets a Gaussian, and Gaussian inputs are the best ones.",
                "Normalizing sets mean and variance and does not change the shape: what was skewed "
                "stays skewed. And no scale is best for every non-linearity.",
            ),
            Choice(
                "No: in front of a sigmoid, for one, most values would stay in its nearly linear"
                " part. γ and β let the network choose.",
                "That is why scale and shift are trained: the layer can go back to any mean and "
                "variance, even to those that the normalization removed.",
                right=True,
            ),
            Choice(
                "No: the variance should be as small as possible, so that nothing saturates.",
                "Where nothing saturates, a sigmoid or tanh is linear, and a stack of linear "
                "layers is one linear layer.",
            ),
        ),
    ),
    Quiz(
        "batch-norm-bias",
        "In training mode you add 3 to all outputs of one unit right before its batch norm. What"
        " comes out of the batch norm?",
        (
            Choice(
                "The same as before.",
                "The batch mean rises by 3 as well, and is subtracted; the variance has not"
                " changed. This is why a bias there does nothing, and why β is added behind.",
                right=True,
            ),
            Choice(
                "The same as before, plus 3.",
                "The batch mean rises by 3 too. What is left after it is subtracted?",
            ),
            Choice(
                "The same as before, plus 3γ.",
                "γ scales what is left after the mean was subtracted. What is left of the 3?",
            ),
            Choice(
                "Values with a larger variance.",
                "Adding the same number to all values moves them together; they spread as before.",
            ),
        ),
    ),
    Quiz(
        "batch-norm-convolution",
        "A convolutional layer gives an array of 32 images, 16 channels, 10 × 10 pixels. Over how"
        " many numbers is one mean of batch norm taken?",
        (
            Choice(
                "32", "A convolution acts alike at every pixel, so the pixels count as samples too."
            ),
            Choice("100", "That is one image. The batch has 32 of them."),
            Choice(
                "3,200",
                "32 · 10 · 10: every pixel of every image is a sample, and each of the 16 channels"
                " has a mean of its own.",
                right=True,
            ),
            Choice("51,200", "That mixes the 16 channels. Each has a mean of its own."),
        ),
    ),
)

"""Questions on shared parameters, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "parameter-sharing-cost",
        "A 3×3 convolution with padding 1 is replaced by a layer that looks at the same windows,"
        " with weights of its own at each place. What changes?",
        (
            Choice(
                "Parameters and multiplications both grow by a factor, the number of places.",
                "The multiplications stay: each window is multiplied by nine weights in either"
                " layer.",
            ),
            Choice(
                "The parameters grow by a factor, the number of places; the multiplications stay"
                " the same.",
                "Sharing saves weights. What saves multiplications is looking at a window only.",
                right=True,
            ),
            Choice(
                "The multiplications grow; the parameters stay the same.",
                "It is the other way round: each place has nine weights of its own.",
            ),
        ),
    ),
    Quiz(
        "parameter-sharing-invariance",
        "Which of these networks must give the same answer for an image and for its shift by one"
        " pixel, if the object stays well inside the image?",
        (
            Choice(
                "Convolutions of stride 1, then a fully connected layer on all places.",
                "The maps move with the object, and the last layer has a weight for each place.",
            ),
            Choice(
                "Convolutions of stride 1, then the largest value over all places, then a fully"
                " connected layer.",
                "The maps move, and the largest value over all places does not care.",
                right=True,
            ),
            Choice(
                "A convolution of stride 2, then the largest value over all places, then a fully"
                " connected layer.",
                "Stride 2 sees every second window. After a shift by one pixel it sees the others.",
            ),
        ),
    ),
    Quiz(
        "parameter-sharing-gradient",
        "Three layers share one matrix. Two of its uses have the gradient G, the third has −G. What"
        " is the gradient of the shared matrix?",
        (
            Choice("G/3, the mean over its uses.", "Uses add up; nothing divides by their number."),
            Choice(
                "G.",
                "G + G − G: the loss depends on the matrix through all three uses.",
                right=True,
            ),
            Choice(
                "3G, as there are three uses.",
                "Each use brings its own gradient, with its sign.",
            ),
        ),
    ),
)

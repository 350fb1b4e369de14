"""What is easily got wrong about smoothness, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "loss-smoothness-guarantee",
        "A loss has a gradient of length 2 at θ and, everywhere, a gradient with the Lipschitz"
        " constant K = 10. What do you know about a step of gradient descent with the rate 0.3?",
        (
            Choice(
                "It raises the loss, because 0.3 is larger than 2/K.",
                "The lemma bounds the loss from above. Beyond 2/K the bound lies above the start,"
                " but the loss may be far below its bound.",
            ),
            Choice(
                "It may raise the loss, or lower it: the guarantee ends at 2/K = 0.2.",
                "Within 0.2 the loss can't rise. Beyond, K alone says nothing.",
                right=True,
            ),
            Choice(
                "It lowers the loss, since a gradient step goes downhill.",
                "Downhill holds for a short enough step. Here only rates below 2/K = 0.2 are short"
                " enough for sure.",
            ),
        ),
    ),
    Quiz(
        "loss-smoothness-rescaled",
        "Two networks with batch norm compute the same function. The hidden weights of one are ten"
        " times as long. You draw both losses along the same random direction, with the same"
        " positions. What do you see?",
        (
            Choice(
                "Two equal curves, because the functions are equal.",
                "They are equal at the centre. One unit along the direction is a tenth as much,"
                " relative to the longer weights.",
            ),
            Choice(
                "The network with the longer weights looks flatter.",
                "The same distance turns longer weights by a smaller angle, and batch norm lets the"
                " angle alone count. Filter normalization repairs the picture.",
                right=True,
            ),
            Choice(
                "The network with the longer weights looks steeper.",
                "Larger weights are steeper without batch norm. With it the loss depends on the"
                " directions of the weights alone.",
            ),
        ),
    ),
)

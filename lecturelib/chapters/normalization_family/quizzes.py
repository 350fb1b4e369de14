"""Two questions on the normalization family, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "normalization-family-group-count",
        "A batch of 16 images with 64 channels of 8 × 8 places, group norm with 32 groups: how "
        "many values share one mean?",
        (
            Choice(
                "128",
                "A group has 64/32 = 2 channels, each with 8 · 8 = 64 places, of one image.",
                right=True,
            ),
            Choice(
                "2,048",
                "That is 16 times too many: group norm stays within one image.",
            ),
            Choice(
                "2",
                "A group has two channels, but the places of each count too.",
            ),
            Choice(
                "32",
                "That is the number of groups, and with it the number of means an image.",
            ),
        ),
    ),
    Quiz(
        "normalization-family-vanishing",
        "In the recurrent net with layer norm you make the recurrent weights a hundred times "
        "larger. What becomes of a gradient over many steps?",
        (
            Choice(
                "It explodes: each step multiplies it by a hundred times more.",
                "Layer norm divides by a deviation that grows with the weights.",
            ),
            Choice(
                "Nothing changes, as layer norm ignores the scale of the weights.",
                "It ignores the scale of all weights before it, but here the recurrent ones alone "
                "grow, and with them the part of the past in the sums.",
            ),
            Choice(
                "It shrinks much more slowly: almost all of the variance now comes from the past.",
                "The factor s²/2 / (s²/2 + 1) tends to 1. The price is that the net hardly hears "
                "its inputs.",
                right=True,
            ),
        ),
    ),
)

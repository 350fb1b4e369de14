"""Questions on backpropagation, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "backprop-order",
        "A simulation has three parameters and returns a video of a million numbers. You want the"
        " derivative of each number by each parameter. Which order?",
        (
            Choice(
                "Reverse, as for networks.",
                "It needs one pass for each output: a million. For networks there is only one.",
            ),
            Choice(
                "Forward.",
                "Three passes, one for each input, and nothing has to be kept in memory.",
                right=True,
            ),
            Choice(
                "It makes no difference, the product is the same.",
                "The product is, its cost is not: look at which end stays during all products.",
            ),
        ),
    ),
    Quiz(
        "backprop-fan-out",
        "In y = f(x) + x an engine overwrites gradients where it should add. Its walk comes to the"
        " sum first and to f last. What does it return for x?",
        (
            Choice(
                "1, the derivative along the short way.",
                "That part is stored first, and then replaced.",
            ),
            Choice(
                "f′(x), the derivative through f.",
                "The part that comes last wins. Right would be f′(x) + 1.",
                right=True,
            ),
            Choice("f′(x) + 1.", "That is right, and takes an addition."),
            Choice("f′(x) · 1.", "Products belong to functions in a row, not to two ways."),
        ),
    ),
    Quiz(
        "backprop-memory",
        "Training takes more memory than inference, the more so the larger the batch and the deeper"
        " the network. Why?",
        (
            Choice(
                "The gradients of the parameters have to be stored.",
                "They have, but they are as many as the parameters, whatever the batch. What grows"
                " with the batch?",
            ),
            Choice(
                "The vjp of each layer needs values of the forward pass, which are kept until"
                " backward has used them.",
                "Inference may forget a layer's input as soon as the next layer has its own.",
                right=True,
            ),
            Choice(
                "The Jacobians of all layers have to be stored.",
                "None is ever built: each layer gives a vector–Jacobian product.",
            ),
        ),
    ),
)

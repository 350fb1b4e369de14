"""What is easily got wrong about length and direction, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "length-direction-nonconvex",
        "Least squares with weights g·w/‖w‖_S is not convex in (w, g). You run gradient descent on"
        " both from a random start. What may it end in?",
        (
            Choice(
                "In a bad local minimum, as with any loss that is not convex.",
                "Not convex means that there may be bad minima, not that there are. Here the"
                " gradient is zero only where uᵀw = 0 and at multiples of S⁻¹u.",
            ),
            Choice(
                "In one of two minima, and one of them is worse.",
                "w and −w give the same line of weights, and g takes the sign that fits: the two"
                " have equal losses.",
            ),
            Choice(
                "At the least-squares solution, from almost every start.",
                "There are no other minima; the places with uᵀw = 0 and g = 0 are saddles, which a"
                " random start misses.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "length-direction-shutting",
        "A network with batch norm shuts some of its ReLUs for good. Which parameter that a plain"
        " network with biases lacks has made this easier?",
        (
            Choice(
                "β: its gradient does not depend on the layer before.",
                "True of β, and equally of a plain bias: both have the gradient Σδ.",
            ),
            Choice(
                "None: β is a bias, and γ scales the unit without switching it off.",
                "A negative β shuts the ReLU as a negative bias does. γ makes the unit small, which"
                " a plain network can do with its weights.",
                right=True,
            ),
            Choice(
                "γ: a negative γ turns the unit off on every sample.",
                "A negative γ turns the normalized values round: a ReLU is then on for the samples"
                " on which it was off.",
            ),
        ),
    ),
)

"""Questions on gradient descent, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "gradient-descent-rate",
        "f has slopes of at most 4 and second derivatives of at most 17 in size, and both are"
        " attained. Which learning rates are sure to go downhill from every point?",
        (
            Choice(
                "All below 2/4.",
                "4 says how steep f is. What counts is how fast the slope changes.",
            ),
            Choice(
                "All below 2/17.",
                "The descent lemma: the gain is at least η (1 − 17η/2) times the squared slope.",
                right=True,
            ),
            Choice(
                "Only those up to 1/17: beyond it the step passes the bottom of the parabola.",
                "It does, and up to 2/17 it still ends below its start. 1/17 has the largest"
                " guaranteed gain.",
            ),
            Choice(
                "None, unless f is convex.",
                "The lemma does not ask for convexity. What is lost without it is the way to the"
                " lowest minimum.",
            ),
        ),
    ),
    Quiz(
        "gradient-descent-minima",
        "Least squares with 20 samples and 60 weights, by gradient descent from zero, without any"
        " penalty. Which of all solutions does it find?",
        (
            Choice(
                "One at random: all have training loss 0.",
                "The cost does not tell them apart; the path does.",
            ),
            Choice(
                "The one of least norm.",
                "Every gradient lies in the row space of X, and the solution in the row space is"
                " the shortest.",
                right=True,
            ),
            Choice(
                "The one with the smallest test error.",
                "It has not seen the test set. Least norm is a good guess here, no more.",
            ),
            Choice(
                "None: with so many weights it overfits and diverges.",
                "It converges for every rate below 2/K.",
            ),
        ),
    ),
    Quiz(
        "gradient-descent-noise",
        "SGD with a constant rate has come to its noise floor. You want a quarter of that variance."
        " What does it, about?",
        (
            Choice(
                "Twice the batch size.",
                "That halves the variance of the gradient, and so the floor.",
            ),
            Choice(
                "Four times the batch size, or a quarter of the rate.",
                "The floor is about η σ²/2B for curvature 1.",
                right=True,
            ),
            Choice(
                "Four times the steps.",
                "At the floor steps change nothing: it is a state of balance.",
            ),
            Choice(
                "Half the rate.",
                "The floor is proportional to the rate, not to its square.",
            ),
        ),
    ),
)

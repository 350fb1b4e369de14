"""What is easily got wrong about signals in deep networks, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "signal-propagation-which-variance",
        "In layer 50 of a ReLU network with He's start the values, pooled over all units and"
        " inputs, have mean 0 and variance 1. What do you know about one unit over the inputs?",
        (
            Choice(
                "Its values have variance 1.",
                "The pooled variance has two parts: that of the units' means, and the mean of"
                " their variances. The first may take nearly all of it.",
            ),
            Choice(
                "Its values have variance 1 on average over the units.",
                "Only the sum of both parts is 1: the mean variance of the units, and the variance"
                " of their means.",
            ),
            Choice(
                "Nothing but an upper bound: on average over the units its variance is at most 1.",
                "The variance of the units' means and the mean of their variances add up to 1, and"
                " either may be near 0.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "signal-propagation-random-step",
        "A network has a million parameters. A step along the gradient of a mean logit moves that"
        " logit by 5. By how much does a random step of the same length move it, roughly?",
        (
            Choice(
                "By 0.005: the step's part along the gradient is about a thousandth of its length.",
                "A random direction in P dimensions has a component of about 1/√P along any given"
                " direction.",
                right=True,
            ),
            Choice(
                "By 0.000005, because the gradient is one of a million directions.",
                "The squares of a random unit vector's components add up to 1, so each is about"
                " 1/P, and a component about 1/√P.",
            ),
            Choice(
                "By 5, because it is as long.",
                "To first order only the part along the gradient counts, and a random direction"
                " has little of it.",
            ),
        ),
    ),
    Quiz(
        "signal-propagation-frozen",
        "A trained network with batch norm, and the same network with its statistics held fixed at"
        " those of the batch. What differs between the two?",
        (
            Choice(
                "The outputs on this batch.",
                "They are the same: the fixed statistics are those of this batch.",
            ),
            Choice(
                "The gradient and the Hessian: a step moves the statistics of one and not those of"
                " the other.",
                "Function values at this point agree, derivatives do not, because the derivative"
                " of the statistics is missing from the second.",
                right=True,
            ),
            Choice(
                "Nothing, as outputs and weights are the same.",
                "At this point the outputs agree. What happens on a step away from it does not.",
            ),
        ),
    ),
)

"""Questions on initialization, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "initialization-symmetry",
        "All hidden weights start at 0.1, the output layer at random numbers. What happens?",
        (
            Choice(
                "Nothing changes: the hidden units see the same inputs and stay equal.",
                "They see the same inputs and get different gradients: each passes another outgoing"
                " weight.",
            ),
            Choice(
                "The units become different, and that alone makes the network train well.",
                "Different they become. In our run the accuracy stayed low all the same: the scale"
                " of the weights matters as well.",
            ),
            Choice(
                "The units become different after the first step.",
                "The exchange of two units no longer leaves the function as it is, so the theorem"
                " does not apply.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "initialization-variance",
        "A ReLU layer has 400 inputs and 100 outputs. Which variance of a weight keeps the size of"
        " the forward signal?",
        (
            Choice(
                "2 / 400",
                "A sum over 400 inputs, half of whose mean square the ReLU below took away.",
                right=True,
            ),
            Choice(
                "2 / 500",
                "That is Xavier's compromise between both directions, for linear units.",
            ),
            Choice("2 / 100", "That keeps the gradient on its way back: fan-out."),
            Choice("1 / 400", "That is right for linear units; the ReLU halves the mean square."),
        ),
    ),
    Quiz(
        "initialization-unit-variance",
        "A deep ReLU network has sums of variance 1 in each layer at its start. What do you know?",
        (
            Choice(
                "It will tell different inputs apart.",
                "Variance over which draws? With He's weights two inputs come out nearly the same"
                " after 50 layers.",
            ),
            Choice(
                "The forward signal neither vanishes nor explodes. Not more.",
                "Gradients, single directions and differences between inputs are other questions:"
                " see batch norm, orthogonal weights and the cosine above.",
                right=True,
            ),
            Choice(
                "Its gradients neither vanish nor explode.",
                "With batch norm the sums have variance 1, and gradients grow by 1.21 a layer.",
            ),
        ),
    ),
    Quiz(
        "initialization-clipping",
        "The gradient of a network is (0.01, 300). It is clipped at 1, by norm or by value. Where"
        " does a step of SGD go?",
        (
            Choice(
                "By norm nearly along the second axis; by value nearly along it, too.",
                "Yes: by value it becomes (0.01, 1). Had the entries been 30 and 300, by value it"
                " would be (1, 1), half way between the axes.",
                right=True,
            ),
            Choice(
                "By norm along the second axis, by value half way between the axes.",
                "By value an entry below the bound stays as it is: (0.01, 1).",
            ),
            Choice(
                "In both cases half way between the axes.",
                "Clipping by norm multiplies everything by one number; the direction stays.",
            ),
        ),
    ),
)

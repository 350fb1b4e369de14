"""Questions on universal approximation, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "universal-approximation-boolean",
        "A function of ten bits is true for 1,000 of its 1,024 rows. How many hidden units do the"
        " construction of the chapter and a flip of the output need?",
        (
            Choice(
                "1,000, one for each true row.",
                "That works, but the function is a negation away from one with few true rows.",
            ),
            Choice(
                "24, one for each false row.",
                "Build the negation, which is true for 24 rows, and flip the output.",
                right=True,
            ),
            Choice(
                "10, one for each bit.",
                "Enough for some functions, such as parity, with other steps. Not for all.",
            ),
        ),
    ),
    Quiz(
        "universal-approximation-theorem",
        "What does the universal approximation theorem promise for a network with one hidden layer"
        " of tanh units?",
        (
            Choice(
                "Trained long enough, it fits any continuous function.",
                "The theorem says that weights exist. It does not mention training.",
            ),
            Choice(
                "With 1,000 units it fits any continuous function on [0, 1] to within 0.01.",
                "No fixed number will do for all: a function may wiggle faster than 1,000 units.",
            ),
            Choice(
                "For each continuous function on [0, 1] and each ε > 0 some finite number of units"
                " suffices.",
                "The number depends on the function and on ε; the theorem does not say how.",
                right=True,
            ),
            Choice(
                "It fits any continuous function on the whole real line.",
                "Only on closed bounded sets. Far out a tanh network is constant.",
            ),
        ),
    ),
    Quiz(
        "universal-approximation-depth",
        "Ten layers of two ReLUs make a sawtooth with 1,024 pieces. How near does the best single"
        " layer of 20 ReLUs come to it, as largest error?",
        (
            Choice(
                "Very near: one layer is a universal approximator.",
                "With enough units, yes. 20 units have 21 pieces at most.",
            ),
            Choice(
                "1/2, as near as a constant.",
                "Fewer than 1,024 pieces cannot cross 1/2 often enough, so nothing below 1/2 is"
                " possible; the constant reaches it.",
                right=True,
            ),
            Choice(
                "About 1/20.",
                "That would be right for a function with a moderate Lipschitz constant. Here the"
                " slopes are ±1,024.",
            ),
        ),
    ),
    Quiz(
        "universal-approximation-capacity",
        "A network with three hidden units could solve a problem without a mistake. Training it"
        " from one random start ends with 30% mistakes. What do you conclude?",
        (
            Choice(
                "There is an error in the proof that three units suffice.",
                "Existence and training are two things. The weights exist, and were not found.",
            ),
            Choice(
                "Another start, or more units, may well succeed.",
                "Both give more chances that some unit starts near each line that is needed.",
                right=True,
            ),
            Choice(
                "The data are noisy.",
                "Then no network would do without mistakes, and one does.",
            ),
        ),
    ),
)

"""Questions on cost functions, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "cost-functions-parameters",
        "A network for house prices gives one number for a house, and is trained on the Gaussian"
        " NLL. What is that number?",
        (
            Choice(
                "The price of the house.",
                "Houses with the same description sell at different prices. One number cannot be"
                " all of them.",
            ),
            Choice(
                "The mean of the model's distribution of prices for such houses.",
                "The network gives a parameter of q(y|x). The prediction is the whole"
                " distribution.",
                right=True,
            ),
            Choice(
                "The most frequent price of such houses.",
                "For the Gaussian model mean and mode coincide, but what the data pull it to is"
                " their mean, also where that is no frequent price.",
            ),
            Choice(
                "The probability of the price.",
                "A probability, or a density, comes out only when a price y is put into q(y|x).",
            ),
        ),
    ),
    Quiz(
        "cost-functions-median",
        "You train on the absolute error. Then the largest target of the training set is found to"
        " be ten times too large and is corrected; it stays the largest. What happens to the best"
        " constant prediction?",
        (
            Choice(
                "It falls by a ninth of the correction, if there are nine targets.",
                "That is what a mean would do, the minimum of the squared error.",
            ),
            Choice(
                "It stays where it is.",
                "Only the side counts, not the distance: a median does not notice.",
                right=True,
            ),
            Choice(
                "It falls, but less than a mean would.",
                "The pull of a target is the sign of its residual. Did any sign change?",
            ),
        ),
    ),
    Quiz(
        "cost-functions-mean-property",
        "After training with the Bernoulli NLL, the mean prediction on the training set is 0.35,"
        " while 30% of its labels are 1. The last layer has a bias. What do you conclude?",
        (
            Choice(
                "The network is too small to represent the probability.",
                "The argument with the bias needs no such thing: a bias alone would already give"
                " 0.30.",
            ),
            Choice(
                "The cost is not at a minimum of the NLL: training has not ended, or something else"
                " is minimized as well.",
                "At a minimum the derivative with respect to the bias is zero, and it is the mean "
                "of prediction minus label.",
                right=True,
            ),
            Choice(
                "Nothing: the property holds only for the true distribution.",
                "It holds there for the best function, and on the training set for every model"
                " with a bias in its last layer.",
            ),
        ),
    ),
    Quiz(
        "cost-functions-statistic",
        "Waiting times are skewed to the right: most are short, a few very long. One network is"
        " trained on the squared error, one on the absolute error. Which predicts longer times?",
        (
            Choice(
                "The one with the squared error.",
                "It learns the mean, which the few long times pull up; the median has half of them"
                " on each side and does not care how long they are.",
                right=True,
            ),
            Choice(
                "The one with the absolute error.",
                "It learns the median. To which side of it does a long tail pull the mean?",
            ),
            Choice(
                "Both the same: the data are the same.",
                "They agree where mean and median do, for symmetric distributions.",
            ),
        ),
    ),
    Quiz(
        "cost-functions-scale",
        "A network with outputs for mean and scale meets a region of noisy data and gives it a"
        " large scale. How do these samples act on the mean from then on?",
        (
            Choice(
                "More strongly, as their residuals are large.",
                "The residuals are large, but what divides them in the gradient?",
            ),
            Choice(
                "As before: mean and scale are separate outputs.",
                "They are separate outputs of one cost, and the gradient for the mean contains the"
                " scale.",
            ),
            Choice(
                "More weakly: the gradient for the mean has the factor 1/s².",
                "Right for noise that cannot be helped; a trap where the fit is only bad so far.",
                right=True,
            ),
        ),
    ),
)

"""Questions on output units, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "output-units-shift",
        "You add 5 to the bias of every class in front of a softmax. What happens?",
        (
            Choice(
                "Nothing: the probabilities stay the same.",
                "The factor e⁵ cancels. Only differences of logits count.",
                right=True,
            ),
            Choice(
                "All probabilities grow.",
                "They add up to 1, before and after; not all can grow.",
            ),
            Choice(
                "The softmax becomes more certain.",
                "That happens when you multiply the logits. A shift changes no difference.",
            ),
        ),
    ),
    Quiz(
        "output-units-gradient",
        "A network is certain of the wrong class. How large is the gradient of the cross-entropy "
        "with respect to the logit of the true class?",
        (
            Choice(
                "Close to 0, because the softmax saturates.",
                "So it would be with the squared error. The logarithm of the likelihood undoes the "
                "exponential.",
            ),
            Choice(
                "Close to −1.",
                "p − y with p near 0 and y = 1. The error is as large as can be, and so is the "
                "gradient.",
                right=True,
            ),
            Choice(
                "It grows without limit, as the loss does.",
                "The loss grows without limit, and only linearly in the logits: its slope is "
                "p − y, never beyond 1 in size.",
            ),
        ),
    ),
    Quiz(
        "output-units-temperature",
        "You train with T = 1 and predict the most probable class. Which temperature at test time "
        "gives the best accuracy?",
        (
            Choice(
                "A low one, as it makes the network more certain.",
                "It is more certain of the same class.",
            ),
            Choice("T = 1, as in training.", "Accuracy at any other temperature is the same."),
            Choice(
                "Any: accuracy does not depend on it.",
                "Dividing all logits by the same positive number keeps their order.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "output-units-stability",
        "Which of these computes log p safely for all logits?",
        (
            Choice(
                "log(softmax(z)), with a softmax that subtracts the maximum.",
                "The softmax is finite. But p may round to 0, and its logarithm is then minus "
                "infinity.",
            ),
            Choice(
                "log(softmax(z) + 1e-8).",
                "It is finite, and wrong: no log p falls below −18.4, and the gradient dies there.",
            ),
            Choice(
                "z − m − log Σ exp(z − m), with m the maximum.",
                "No exponent is positive, and the sum is at least 1.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "output-units-entropy",
        "You know the mean of a die and take the distribution of largest entropy. Why?",
        (
            Choice(
                "Because nature makes entropy as large as possible.",
                "A die is loaded in one way or another; nature is not asked here.",
            ),
            Choice(
                "Because any other with this mean claims something that you do not know.",
                "It is a statement about knowledge. A second known mean would change the answer.",
                right=True,
            ),
            Choice(
                "Because it is the only distribution with this mean.",
                "There are many: two faces alone can have it.",
            ),
        ),
    ),
    Quiz(
        "output-units-calibration",
        "Why is the temperature fitted on held-out data and not on the training set?",
        (
            Choice(
                "To save time.",
                "Fitting one number takes no time in either case.",
            ),
            Choice(
                "Because a last layer trained to the minimum has the multiplier 1 there already.",
                "On its own training data the network looks calibrated, or not sure enough.",
                right=True,
            ),
            Choice(
                "Because the training set is too large for one parameter.",
                "More data make one parameter more precise. It would be precise about the wrong "
                "thing.",
            ),
        ),
    ),
    Quiz(
        "output-units-unit",
        "A network names everything that is in a photo, out of 80 kinds of things. Which output "
        "unit?",
        (
            Choice(
                "A softmax over 80 classes.",
                "The probabilities would add up to 1: a dog would make the ball less probable.",
            ),
            Choice(
                "80 sigmoids.",
                "Each kind is there or not, whatever else there is: 80 Bernoulli distributions.",
                right=True,
            ),
            Choice(
                "80 softplus units.",
                "They are positive and have no upper limit; a probability has.",
            ),
        ),
    ),
)

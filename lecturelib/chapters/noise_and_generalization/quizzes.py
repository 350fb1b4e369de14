"""What is easily got wrong about noise and generalization, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "noise-and-generalization-rate",
        "Two networks with batch norm are trained at the rate 0.3 for the same number of steps, one"
        " with small groups, one with large ones. The first has the better test accuracy. What do"
        " you know about the noise of its statistics?",
        (
            Choice(
                "That the noise improves generalization by this difference.",
                "Each has one rate. Perhaps 0.3 is too large for the network with large groups,"
                " and a smaller rate would help it as much.",
            ),
            Choice(
                "Nothing yet about its size: each must first have the rate that suits it.",
                "With its own rate the other may catch up, in part or in whole.",
                right=True,
            ),
            Choice(
                "That small groups make the gradient noisier, and this helps.",
                "Small groups change the statistics. The samples behind a step can be the same for"
                " both, and so can the sampling noise of the gradient.",
            ),
        ),
    ),
    Quiz(
        "noise-and-generalization-defence",
        "A network adds noise to its weights at test time. Under PGD, which draws the noise once a"
        " step, its accuracy is higher than that of the same network without noise. Is it more"
        " robust?",
        (
            Choice(
                "Yes: fewer of its answers were changed by the attack.",
                "By this attack. An attacker who averages the gradient over many draws may change"
                " as many answers as without noise.",
            ),
            Choice(
                "Not shown: the attack may only have followed the noise.",
                "The loss that counts is the expected one, and its gradient is a mean over draws.",
                right=True,
            ),
            Choice(
                "No: noise can never make a network more robust.",
                "It can, for instance by training with it. But this measurement can't show it.",
            ),
        ),
    ),
    Quiz(
        "noise-and-generalization-sharp",
        "After training, the weights of a ReLU layer are multiplied by 10 and those of the next"
        " divided by 10. What happens to the largest eigenvalue of the Hessian and to the test"
        " accuracy?",
        (
            Choice(
                "The eigenvalue rises many times over, the accuracy stays.",
                "Second derivatives in the smaller weights alone are 100 times as large, and"
                " the function is the same.",
                right=True,
            ),
            Choice(
                "Both stay, since the function is the same.",
                "The Hessian is taken with respect to the weights, and in the divided layer a step"
                " of the same length is now ten times as long.",
            ),
            Choice(
                "The eigenvalue rises, and the accuracy falls: the minimum is sharper.",
                "No output has changed, so no answer has. That is the argument against such a"
                " measure.",
            ),
        ),
    ),
)

"""Quizzes of the chapter on bagging and dropout."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "dropout-correlated-members",
        "Each of 1,000 predictors has squared error 1, and any two errors have the mean product "
        "0.5. What is the squared error of their mean?",
        (
            Choice(
                "0.001.",
                "That is v/k, right if errors do not correlate. Here they do.",
            ),
            Choice(
                "A little above 0.5.",
                "v/k + (k − 1)c/k = 0.001 + 0.4995: what the members share is not averaged out.",
                right=True,
            ),
            Choice(
                "0.75.",
                "This is the value for two predictors, (1 + 0.5)/2. More of them come nearer to c.",
            ),
        ),
    ),
    Quiz(
        "dropout-eval-forgotten",
        "A network with inverted dropout was trained, and model.eval() was forgotten before the "
        "test. What happens?",
        (
            Choice(
                "All outputs are too large by 1/(1 − p).",
                "The factor keeps the mean. What is wrong is the noise.",
            ),
            Choice(
                "Nothing: inverted dropout has nothing to do at test time.",
                "Nothing is to be done, and that is what eval() says. In training mode units are "
                "still dropped.",
            ),
            Choice(
                "Each answer comes from one random subnet, another one at each call.",
                "Accuracy falls to that of a single subnet, and the same input gets different "
                "answers.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "dropout-geometric-exact",
        "Dropout stands only before the last linear layer of a deep ReLU network with a softmax. "
        "Is the full network the geometric mean of the subnets?",
        (
            Choice(
                "No, hidden ReLUs make it an approximation.",
                "The ReLUs stand before the masks. What comes after the masks is linear.",
            ),
            Choice(
                "Yes, exactly, if each mask counts by its chance.",
                "The logits are linear in the masks, and the masks' mean is 1.",
                right=True,
            ),
            Choice(
                "Yes, if all masks count alike.",
                "That is right for p = 0.5 alone.",
            ),
        ),
    ),
)

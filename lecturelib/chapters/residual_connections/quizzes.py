"""Questions on residual connections, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "residual-connections-degradation",
        "A plain network of 56 layers has a larger training error than one of 20 layers on the same"
        " data. What does this show?",
        (
            Choice(
                "It over-fits: it has too many parameters.",
                "Over-fitting is a small training error and a large test error. Here the training"
                " error is the larger one.",
            ),
            Choice(
                "It cannot represent what the shallower one represents.",
                "It can: copy the 20 layers and let the others pass on what they get.",
            ),
            Choice(
                "It can represent a better answer, and training does not find it.",
                "So the fault lies with the search, not with what the network can represent.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "residual-connections-vanish",
        "A residual network has M blocks, h ← h + F(h). Can the gradient at the first block be 0"
        " although it is not 0 at the last one?",
        (
            Choice(
                "No: the skip connections hand it down unchanged.",
                "They hand it down, and what comes through the branches is added. A sum can be 0.",
            ),
            Choice(
                "Yes, for instance where the derivative of one branch is −I.",
                "Then I + J = 0. If every branch's derivative has a norm below 1 it cannot happen.",
                right=True,
            ),
            Choice(
                "Yes, whenever the weights of the branches are 0.",
                "Then each block is the identity, and the gradient arrives as it is.",
            ),
        ),
    ),
    Quiz(
        "residual-connections-zero",
        "Each branch V·relu(W·relu(h) + b) + c starts with V = 0. What happens in the first step of"
        " SGD?",
        (
            Choice(
                "Nothing moves in the branches, as for weights that are all 0.",
                "V gets the gradient δ times relu(W·relu(h) + b), which is not 0, as W is random.",
            ),
            Choice(
                "V and c move, W and b do not.",
                "The gradient of W passes through V, which is 0. From the second step on W moves.",
                right=True,
            ),
            Choice(
                "All four move.",
                "The gradient of W and b is Vᵀδ times something, and V is 0.",
            ),
        ),
    ),
    Quiz(
        "residual-connections-picture",
        "In a trained ReLU network we multiply W of a block by 10 and divide V by 10 (b times 10,"
        " too). The loss along a random direction of fixed length looks different. Why?",
        (
            Choice(
                "The network computes something else now.",
                "It computes the same: ReLU lets a positive factor through.",
            ),
            Choice(
                "The same function stands at another place of parameter space, where other lengths"
                " matter.",
                "A step of a given length is now short for W and long for V. Filter-normalized"
                " directions grow and shrink with the weights.",
                right=True,
            ),
            Choice(
                "Its minimum has become sharper, so it will generalize worse.",
                "The function has not changed, so its test error has not either.",
            ),
        ),
    ),
)

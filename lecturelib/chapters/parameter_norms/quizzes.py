"""Questions on penalties, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "parameter-norms-more-data",
        "A model has a training error near 0 and a large test error. Its training set is made ten "
        "times as large, and nothing else changes. Which part of the risk falls most?",
        (
            Choice(
                "The variance: fits to larger training sets differ less from one another.",
                "The bias is a matter of what the model can represent, and of its penalty; the "
                "noise is one of the targets. Neither knows the number of samples.",
                right=True,
            ),
            Choice(
                "The bias: with more data the model can represent more functions.",
                "What it can represent is the same. What changes is which of the functions it "
                "picks.",
            ),
            Choice(
                "The noise: it averages out over more samples.",
                "It averages out in the fit, and that is the variance. A new target is as noisy as "
                "before.",
            ),
        ),
    ),
    Quiz(
        "parameter-norms-zeros",
        "In a network the L1 penalty is added to the loss, and trained by SGD with a small rate. "
        "Will weights be exactly 0 at the end?",
        (
            Choice(
                "Yes: L1 solutions are sparse.",
                "The minimum is sparse. A gradient step passes by 0, as it moves by ηλ to one side "
                "or the other.",
            ),
            Choice(
                "Hardly any: they jump about 0 by up to ηλ. A soft threshold after each step gives "
                "zeros.",
                "The sign of a weight is its gradient's whole knowledge of where 0 is. The "
                "threshold stops there.",
                right=True,
            ),
            Choice(
                "No: zeros exist for linear models only.",
                "A corner of the penalty is a corner for any loss: at 0 the slope of the loss must "
                "exceed λ to move a weight.",
            ),
        ),
    ),
    Quiz(
        "parameter-norms-same-radius",
        "Two data sets are fitted with the same λ‖w‖². In which sense is the regularization equal?",
        (
            Choice(
                "Both solutions lie in the same ball.",
                "The radius is the norm of the solution, which depends on the data as well as on "
                "λ.",
            ),
            Choice(
                "Both solutions have the same training error.",
                "Neither λ nor the radius says anything about the error by itself.",
            ),
            Choice(
                "Both trade a unit of squared norm for λ units of loss; their radii differ.",
                "λ is a price, the radius an amount. Which amount is bought at a price depends on "
                "the data.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "parameter-norms-stopping-rate",
        "Training is stopped at step 200 with the rate 0.1, and that was best. Which run is about "
        "as regularized, on a quadratic?",
        (
            Choice(
                "Step 200 with the rate 0.01.",
                "What counts is the product of rate and steps: it has become a tenth.",
            ),
            Choice(
                "Step 2,000 with the rate 0.01.",
                "λ = 1/(2ηt) is the same. So a small rate at a fixed number of steps is a strong "
                "penalty, whether or not one meant it.",
                right=True,
            ),
            Choice(
                "Any run in which the training loss is as low.",
                "A penalty, or another optimizer, may reach that loss at other weights.",
            ),
        ),
    ),
)

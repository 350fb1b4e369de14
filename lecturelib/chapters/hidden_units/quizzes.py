"""Questions on hidden units, as quizzes."""

from lecturelib.exercises.quizzes import Choice, Quiz

QUIZZES = (
    Quiz(
        "hidden-units-collapse",
        "A network has 100 inputs, a hidden layer of 5 units without activation, and 10 outputs."
        " Which maps can it represent?",
        (
            Choice(
                "All affine maps from 100 numbers to 10.",
                "Everything passes 5 numbers on the way. Which rank can the product of a 10 × 5"
                " and a 5 × 100 matrix have?",
            ),
            Choice(
                "All affine maps whose matrix has rank 5 or less.",
                "Such a matrix is a product of a 10 × 5 and a 5 × 100 matrix, and no other is.",
                right=True,
            ),
            Choice(
                "Some maps that are not affine, as it has two layers.",
                "Two affine maps in a row are an affine map, however they are trained.",
            ),
        ),
    ),
    Quiz(
        "hidden-units-saturation",
        "Ten layers of sigmoids get weights that keep the size of the forward values. What happens"
        " to the gradient on its way down?",
        (
            Choice(
                "Nothing: values of the right size have gradients of the right size.",
                "That is so for ReLU. In general each layer multiplies the gradient's mean square"
                " by E f′² / E f²; look at the table.",
            ),
            Choice(
                "It shrinks only in units that are saturated, at large |z|.",
                "In such a network hardly a unit is saturated, and the gradient is lost all the"
                " same.",
            ),
            Choice(
                "It shrinks at each layer, by about the same factor.",
                "The factor is E f′² / E f², near 0.15 for the mean square: exponential decay.",
                right=True,
            ),
        ),
    ),
    Quiz(
        "hidden-units-dead",
        "Half of your ReLUs are negative for every training sample after a few steps. What should"
        " you try first?",
        (
            Choice(
                "Leaky ReLU with the same learning rate.",
                "It keeps a gradient. But the step was too large, and in our runs the accuracy was"
                " no better than with ReLU at that rate.",
            ),
            Choice(
                "A smaller learning rate, or a warm-up.",
                "Units die of steps that are too large, most of them at the very start.",
                right=True,
            ),
            Choice(
                "Start again, with biases at 0.1.",
                "That changes where units start. In our runs about as many died.",
            ),
        ),
    ),
    Quiz(
        "hidden-units-choice",
        "In a paper maxout with two pieces beats ReLU by 4 points, at the same widths and with one"
        " run each. What do you conclude?",
        (
            Choice(
                "Maxout is the better activation.",
                "It also had twice the parameters. And one run says nothing about the spread.",
            ),
            Choice(
                "Nothing yet: give ReLU as many parameters, and run both over several seeds.",
                "At equal size Mishkin's table has a difference of one point, with one run a row.",
                right=True,
            ),
            Choice(
                "Activations make no difference, so it must be luck.",
                "They can make one: without any, or with sigmoids in a deep network, it is large.",
            ),
        ),
    ),
)

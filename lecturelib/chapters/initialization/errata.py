"""Errata of the chapter ``initialization``: what a slide says, and what is right."""

from __future__ import annotations

from lecturelib.claims.record import Erratum

_TESTS = "tests/chapters/initialization/test_errata.py"

ERRATA: tuple[Erratum, ...] = (
    Erratum(
        id="jhu-xavier-code",
        chapter="initialization",
        lecture="JHU",
        where="Third Idea: Xavier initialization, the code",
        says="W = np.random.randn(fan_in, fan_out) * np.sqrt(fan_in)",
        right="/ np.sqrt(fan_in)",
        why="A sum of fan_in terms has fan_in times their variance, so a weight needs the variance "
        "1/fan_in. With the slide's line each linear layer multiplies the standard deviation by "
        "fan_in: ten layers of 100 units make it 10²⁰ times as large.",
        test=f"{_TESTS}::test_the_slide_s_xavier_explodes",
    ),
    Erratum(
        id="ffn-eigenvalues-below-one",
        chapter="initialization",
        lecture="FFN",
        where="Vanishing&Exploding Gradients: J = W^P x = V Λ^P V⁻¹ x",
        says="Eigenvalues < 1 go to zero, eigenvalues > 1 go to infinity",
        right="Their absolute values count: λ = −2 is below 1 and explodes. And not every W is "
        "V Λ V⁻¹",
        why="|λ^P| = |λ|^P. For the Jordan block with λ = 1 the norm of W^P grows like P, although "
        "no eigenvalue is above 1.",
        test=f"{_TESTS}::test_absolute_values_of_eigenvalues_count",
    ),
    Erratum(
        id="ffn-one-weight-for-all-layers",
        chapter="initialization",
        lecture="FFN",
        where="Vanishing&Exploding Gradients: z(p) = Wx for p = 1, …, P",
        says="All layers have the same W, so their eigenvalues decide",
        right="In a feedforward network each layer has its own. Eigenvalues of the factors say "
        "nothing about a product of different matrices",
        why="The matrices with rows (0, 2), (0, 0) and (0, 0), (2, 0) have eigenvalues 0 alone; "
        "their product has the eigenvalue 4. The picture fits recurrent networks, which do use one "
        "W.",
        test=f"{_TESTS}::test_eigenvalues_of_factors_say_nothing_about_a_product",
    ),
    Erratum(
        id="jhu-bn-avoids-exploding",
        chapter="initialization",
        lecture="JHU",
        where="Batch Normalization: avoids exploding/vanishing gradients (FFN: helps to solve)",
        says="Batch norm avoids exploding and vanishing gradients",
        right="Forward, yes. Backward, in a plain ReLU network at its start, it makes the mean "
        "square of the gradient grow by π/(π − 1) = 1.47 a layer, whatever the weights' scale",
        why="ReLU takes the mean square to one half and the variance to (π − 1)/2π, which is "
        "less. Batch norm restores the variance, and multiplies the gradient by more than ReLU "
        "took from it. Card A11 has the numbers.",
        test=f"{_TESTS}::test_batch_norm_explodes_gradients_for_every_scale_of_weights",
    ),
)

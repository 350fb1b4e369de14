"""What the lectures conclude about batch normalization, beside the verdicts of the course."""

from __future__ import annotations

from lecturelib.chapters.what_we_know.evidence import Conclusion, ConclusionsTable

__all__ = ["CONCLUSIONS", "conclusions"]

CONCLUSIONS = (
    Conclusion(
        lecture="LBN",
        sentence="Internal covariate shift was the inspiration, and seems unrelated to the effect.",
        claims=("A1", "A2"),
        found="In small networks training ends about as well with units that move again. The noise"
        " that moves them costs speed.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="Batch norm is a reparametrization, as weight norm and NormProp are.",
        claims=("BN1", "BN6", "N5"),
        found="At inference, yes: the layer can be folded into its neighbour. In training, no: a"
        " sample's output depends on the others in its batch.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="It differs from weight norm by taking the covariance of the inputs into account.",
        claims=("N9",),
        found="The sizes of the units differ as it says; the functions that can be learnt do not.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="Length and direction are decoupled, which provably improves convergence.",
        claims=("W12", "W13"),
        found="The proofs are about one unit. Normalized descent is faster on the sigmoidal loss;"
        " on least squares it depends on which of the two steps is tuned.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="The scaling is what matters, not the biases.",
        claims=("WK1", "A10", "N8"),
        found="Each alone gives most of the gain at sixteen layers, removing the mean more."
        " By which norm one divides hardly matters.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="Batch norm is not about expressivity.",
        claims=("BN5", "BN6"),
        found="With γ and β it can undo itself, and at inference it is part of the linear layer.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="The gradients through mean and variance matter more than the forward pass.",
        claims=("N7",),
        found="Detaching them harms small networks under Adam, and wider ones under SGD. Where the"
        " plain network does as well as the norm, this says nothing about why a norm helps.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="Layers depend less on each other as training goes.",
        claims=("A9",),
        found="At six layers, not at twelve.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="Healthy noise is the other half of the explanation.",
        claims=("NG1", "NG2", "W14", "W15"),
        found="In a small network with wrong labels the noise helps, as does any of its size."
        " Against adversarial examples it helped where its amount was rewarded or fixed.",
    ),
    Conclusion(
        lecture="LBN",
        sentence="Batch norm is most likely serendipity.",
        claims=(),
        found="An opinion about history, which no experiment tests.",
    ),
    Conclusion(
        lecture="BLOG",
        sentence="The connection to internal covariate shift is weak at best.",
        claims=("A1", "A2"),
        found="As above.",
    ),
    Conclusion(
        lecture="BLOG",
        sentence="A smoother loss allows higher rates, and these improve training.",
        claims=("A3", "A4", "A5"),
        found="Higher rates improve generalization in residual networks. In small networks of eight"
        " layers they go together with smoothness; that the one allows the other was not shown.",
    ),
    Conclusion(
        lecture="BLOG",
        sentence="Smoothing explains why gradients neither vanish nor explode.",
        claims=("A11", "BN2"),
        found="Scale does, not smoothness: the gradient's factor a layer does not depend on the"
        " weights' variance. It is above 1, so that gradients do grow.",
    ),
    Conclusion(
        lecture="JHU",
        sentence="He-initialized ReLU networks give near-constant outputs, and batch norm fixes"
        " that by design.",
        claims=("A7", "A8"),
        found="It does. Protection against small targeted steps comes with training, and was hardly"
        " seen in VGG.",
    ),
    Conclusion(
        lecture="JHU",
        sentence="In front of a tanh or a sigmoid, batch norm keeps the units in the linear range.",
        claims=("BN5",),
        found="With γ = 1 and β = 0. Both are learnt, and can restore any mean and variance.",
    ),
    Conclusion(
        lecture="NT",
        sentence="Removing internal covariate shift leads to faster convergence.",
        claims=("A1", "N11"),
        found="Convergence is faster. That the removal of the shift is the reason did not come"
        " out.",
    ),
    Conclusion(
        lecture="NT",
        sentence="Good initialization plays an important role.",
        claims=("IN1", "IN2"),
        found="It does, and which one is good depends on the activation.",
    ),
    Conclusion(
        lecture="NT",
        sentence="Invariance to scale and shift seems to speed up convergence.",
        claims=("N5", "BN3"),
        found="The invariances are exact. That they cause the speed is nowhere shown, here or"
        " there.",
    ),
    Conclusion(
        lecture="NT",
        sentence="Does better optimization mean better generalization? And what of bad minima?",
        claims=("R17", "A4"),
        found="Not by itself: networks that fit random labels are optimized as well. Bad minima"
        " were not looked for.",
    ),
    Conclusion(
        lecture="FFN",
        sentence="Where gradients vanish or explode: initialize well, clip, use batch norm.",
        claims=("IN1", "T11", "A11"),
        found="Each does one part of it. Clipping brings back nothing that has vanished. With batch"
        " norm the weights' variance no longer matters, and gradients grow at the start.",
    ),
)


def conclusions() -> ConclusionsTable:
    """All conclusions with the verdicts of their claims.

    >>> "The connection to internal covariate shift is weak" in str(conclusions())
    True
    """
    return ConclusionsTable(CONCLUSIONS)

"""Hypotheses about why batch normalization works, each with what the course measured."""

from __future__ import annotations

from lecturelib.chapters.what_we_know.evidence import (
    Evidence,
    EvidenceTable,
    Hypothesis,
    MapTable,
)

__all__ = ["HYPOTHESES", "evidence", "hypothesis", "overview"]

HYPOTHESES = (
    Hypothesis(
        name="Internal covariate shift",
        sentence="Batch norm helps because the inputs of a layer keep their distribution while"
        " the layers below it learn.",
        keys=("ioffe2015",),
        refuted_by="a network whose layer inputs move as much as without batch norm, or more, and"
        " that trains as well as with it",
        verdict="Not the reason: the shift can be restored and training ends as well. Whether"
        " batch norm lowers the shift depends on depth and rate.",
        evidence=(
            Evidence(
                claim="A1",
                speaks="against",
                measure="behind",
                says="Noise behind batch norm keeps the units moving, and training ends about as"
                " well in small networks; in VGG after short training it does not.",
            ),
            Evidence(
                claim="WK1",
                speaks="against",
                measure="restored",
                says="With the shift restored by noise, batch norm keeps most of its gain over the"
                " plain network.",
            ),
            Evidence(
                claim="A2",
                speaks="in part",
                measure="cosine",
                says="In deep networks the gradient of a layer turns more with batch norm than"
                " without when the layers below step; in shallow ones, at a larger rate, less.",
            ),
            Evidence(
                claim="W1",
                speaks="beside",
                says="Covariate shift proper harms a misspecified model, and weights repair that;"
                " it says nothing about layers inside a network.",
            ),
        ),
    ),
    Hypothesis(
        name="Smoothness",
        sentence="Batch norm makes the loss smoother: its value and its gradient change less"
        " along a step.",
        keys=("santurkar2018",),
        refuted_by="networks that batch norm helps, and whose loss it does not smooth at the steps"
        " that training makes",
        verdict="True far along a step in small networks of moderate depth. It reverses with"
        " depth, near the point, and in the large networks that were run.",
        evidence=(
            Evidence(
                claim="A3",
                speaks="in part",
                measure="beta equal",
                says="Eight layers: smoother by all measures. Sixteen layers and equal distances:"
                " not. VGG in its first steps: not.",
            ),
            Evidence(
                claim="W17",
                speaks="in part",
                says="The theorem about one layer holds as an equality. It bounds the gradient by"
                " what arrives at the layer, not by the gradient of a network without batch norm.",
            ),
            Evidence(
                claim="A5",
                speaks="in part",
                measure="step",
                says="After a few updates batch norm stands longer steps along the gradient, in"
                " small networks; at the start it is a fraction of that, and in VGG it is not so.",
            ),
            Evidence(
                claim="A6",
                speaks="beside",
                measure="negative",
                says="Skip connections smooth the loss of networks that all have batch norm:"
                " smoothness is no privilege of normalization.",
            ),
        ),
    ),
    Hypothesis(
        name="Larger rates",
        sentence="Batch norm helps because it stands larger learning rates; at a rate that the"
        " plain network stands too, it gains little.",
        keys=("bjorck2018",),
        refuted_by="a gain of the same size at small rates, or a plain network at its best rate"
        " that does as well",
        verdict="Supported for generalization in residual networks. For speed it is not the whole"
        " story: small networks save about as many steps at the plain network's own rate.",
        evidence=(
            Evidence(
                claim="A4",
                speaks="for",
                measure="largest",
                says="Residual networks generalize best with batch norm at a rate at which those"
                " without it fail; at the smallest rate batch norm gains nothing.",
            ),
            Evidence(
                claim="N11",
                speaks="in part",
                measure="one",
                says="At five times the rate of the plain network batch norm needs a fraction of"
                " its steps. At the plain network's own rate the saving is about the same.",
            ),
            Evidence(
                claim="A5",
                speaks="in part",
                measure="rate",
                says="Where the rate rises during training, the loss is lowest at a larger rate"
                " with batch norm; not so in VGG with the short training that was run.",
            ),
            Evidence(
                claim="BN3",
                speaks="beside",
                says="Steps lengthen the weights in front of batch norm, and longer weights take"
                " smaller turns: a rate that is too large corrects itself.",
            ),
        ),
    ),
    Hypothesis(
        name="Length and direction",
        sentence="Batch norm helps because it learns the length and the direction of each unit's"
        " weights apart, in the metric of the inputs.",
        keys=("kohler2019", "salimans2016"),
        refuted_by="problems of the kind that the proofs speak of, on which tuned gradient descent"
        " is as fast; or weight norm, which has both apart too, without batch norm's gain",
        verdict="Proved for one unit with Gaussian inputs, and seen there. Speed follows for one"
        " loss of three, and nothing is proved for deep networks.",
        evidence=(
            Evidence(
                claim="W12",
                speaks="for",
                says="Least squares, logistic and sigmoidal regression send the direction along"
                " one path, in batch norm's metric and in expectation.",
            ),
            Evidence(
                claim="W13",
                speaks="in part",
                says="Normalized gradient descent is faster on the sigmoidal loss; on least"
                " squares plain descent with the best rate is faster.",
            ),
            Evidence(
                claim="N9",
                speaks="in part",
                says="The unit's size is the same in all directions under batch norm, and not"
                " under weight norm; what both can represent is the same.",
            ),
            Evidence(
                claim="WK1",
                speaks="against",
                measure="weight norm",
                says="Length and direction apart in the metric of weight norm gain a deep network"
                " little of what batch norm gains it.",
            ),
            Evidence(
                claim="W16",
                speaks="in part",
                says="γ and β shut a unit quickly where the weights cannot; an ordinary bias does"
                " so too.",
            ),
            Evidence(
                claim="A9",
                speaks="in part",
                says="At six layers the layers depend less on each other with batch norm; at"
                " twelve they do not.",
            ),
        ),
    ),
    Hypothesis(
        name="Noise",
        sentence="Batch norm generalizes better because the statistics of a random batch are noise"
        " of a healthy size.",
        keys=("ioffe2015",),
        refuted_by="batch norm with statistics without noise that generalizes as well, at the same"
        " rate",
        verdict="There is noise, of a known size, and too much of it ruins training. That the"
        " right amount of it helps to generalize is the part with the least support here.",
        evidence=(
            Evidence(
                claim="W10",
                speaks="beside",
                says="How noisy the statistics of a batch are follows from its size.",
            ),
            Evidence(
                claim="W11",
                speaks="beside",
                says="Batches of two, the noisiest, cost accuracy: if there is a healthy size, it"
                " is smaller.",
            ),
            Evidence(
                claim="W15",
                speaks="beside",
                says="Noise at the inputs, as large as the loss allows, protects against"
                " adversarial examples; noise of one fixed size does as well.",
            ),
            Evidence(
                claim="W14",
                speaks="beside",
                says="Trainable noise on the weights, which the lecture gives as its one example,"
                " adds nothing to adversarial training here.",
            ),
            Evidence(
                claim="R17",
                speaks="beside",
                says="With batch norm, too, a network fits random labels: what it does to"
                " optimization explains no generalization.",
            ),
        ),
    ),
    Hypothesis(
        name="Signal propagation",
        sentence="Batch norm helps because it keeps the samples of a batch apart: without it the"
        " outputs of a deep ReLU network hardly depend on the input.",
        keys=("page2019",),
        refuted_by="deep plain networks with well separated outputs that train no better, or"
        " batch norm that helps where nothing had collapsed",
        verdict="The collapse is real, follows from the ReLU, and batch norm prevents it. So do"
        " skips with small branches; what of batch norm's gain is due to it is open.",
        evidence=(
            Evidence(
                claim="A7",
                speaks="for",
                says="In deep ReLU networks each unit is nearly constant over the inputs; with"
                " batch norm it is not.",
            ),
            Evidence(
                claim="WK1",
                speaks="in part",
                measure="start",
                says="A start at which each unit has mean 0 and variance 1 gains about half of what"
                " batch norm gains, on most seeds; on some it gains nothing.",
            ),
            Evidence(
                claim="A8",
                speaks="in part",
                measure="target",
                says="A short step along the gradient of a mean output changes what a trained plain"
                " network predicts, not what one with batch norm does; in VGG nearly that too.",
            ),
            Evidence(
                claim="RC2",
                speaks="beside",
                says="Networks of a hundred layers train without normalization when skips carry"
                " the signal and the branches are small.",
            ),
            Evidence(
                claim="A11",
                speaks="beside",
                measure="he + batch norm",
                says="At the start batch norm lets gradients grow with depth: it keeps the signal,"
                " not the gradient.",
            ),
        ),
    ),
    Hypothesis(
        name="Gradients through the statistics",
        sentence="Normalization helps by what the mean and the standard deviation do to the"
        " gradient, more than by what they do to the activations.",
        keys=("xu2019",),
        refuted_by="a norm whose statistics are held constant in the backward pass, and that trains"
        " as well",
        verdict="A norm with the wrong gradient can be worse than none, in small networks. That is"
        " no proof that the gradient is why the right one helps.",
        evidence=(
            Evidence(
                claim="N7",
                speaks="in part",
                says="Layer norm with detached statistics trains worse with Adam in small networks;"
                " in wider ones the effect is gone.",
            ),
            Evidence(
                claim="WK1",
                speaks="in part",
                measure="gradient",
                says="Batch norm whose gradient ignores its statistics keeps less than half of its"
                " gain over the plain network.",
            ),
            Evidence(
                claim="A10",
                speaks="beside",
                measure="centring",
                says="Removing the mean alone helps as much as any division: which statistic is"
                " used hardly matters.",
            ),
        ),
    ),
)


def hypothesis(name: str) -> Hypothesis:
    """The hypothesis of that name.

    Raises:
        ValueError: if there is none.

    >>> hypothesis("Smoothness").keys
    ('santurkar2018',)
    """
    for row in HYPOTHESES:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in HYPOTHESES)
    raise ValueError(f"what_we_know: no hypothesis {name!r}; there are {known}")


def evidence(name: str) -> EvidenceTable:
    """What the course measured about a hypothesis, as a table.

    Raises:
        ValueError: if there is no such hypothesis.

    >>> str(evidence("Larger rates")).splitlines()[0]
    'A4 · for it · loss_smoothness'
    """
    return EvidenceTable(hypothesis(name))


def overview() -> MapTable:
    """All hypotheses in one table."""
    return MapTable(HYPOTHESES)

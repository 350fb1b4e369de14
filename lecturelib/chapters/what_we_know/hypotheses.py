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
        refuted_by="networks whose units move far more than batch norm lets them, and which train"
        " as well",
        verdict="Not the whole reason in small networks: with units that move again most of the"
        " gain is left. Whether batch norm lowers the shift depends on depth, rate and network.",
        evidence=(
            Evidence(
                claim="A1",
                speaks="in part",
                measures=("behind", "instability"),
                says="Noise behind batch norm moves the units far more than batch norm lets them,"
                " and training ends about as well in small networks. In VGG after short training"
                " it does not.",
            ),
            Evidence(
                claim="A1",
                speaks="beside",
                measures=("against none",),
                says="Compared with the plain network, which hardly trains at that rate, the noise"
                " does not move the units more in small networks; in VGG it does.",
            ),
            Evidence(
                claim="WK1",
                speaks="against",
                measures=("share noisy",),
                says="With noise that moves the units, batch norm keeps most of its gain over the"
                " plain network, each at its best rate.",
            ),
            Evidence(
                claim="A2",
                speaks="in part",
                measures=("cosine", "shallow"),
                says="When the layers below step, the gradient of a layer turns more with batch"
                " norm in sixteen layers at rate 0.003, and less in eight layers at rate 0.03. In"
                " VGG it turns a little less.",
            ),
            Evidence(
                claim="W1",
                speaks="beside",
                says="A shift of the inputs harms a model that can't represent the truth, and"
                " weights repair that. It says nothing about layers inside a network.",
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
        verdict="True along a step in small networks of eight layers. Not at sixteen layers and"
        " equal distances, and hardly in VGG after short training. Cause was not tested.",
        evidence=(
            Evidence(
                claim="A3",
                speaks="in part",
                measures=("beta raw", "beta equal"),
                says="At eight layers the gradient changes less with batch norm. In the first steps"
                " of VGG by a little for raw steps, and not at equal distances.",
            ),
            Evidence(
                claim="A3",
                speaks="against",
                measures=("deep",),
                says="At sixteen layers and equal distances the loss is no smoother, although"
                " batch norm helps networks of that depth.",
            ),
            Evidence(
                claim="W17",
                speaks="beside",
                says="The theorem is an equality for one layer. It compares with the gradient that"
                " arrives at the layer, not with that of a network without batch norm.",
            ),
            Evidence(
                claim="A5",
                speaks="in part",
                measures=("step", "start"),
                says="After sixteen updates a longer step still lowers the loss with batch norm, in"
                " small networks. In VGG it is the other way round, but for the start.",
            ),
            Evidence(
                claim="A6",
                speaks="beside",
                measures=("negative",),
                says="Skip connections make the loss smoother too, in networks that all have batch"
                " norm.",
            ),
        ),
    ),
    Hypothesis(
        name="Larger rates",
        sentence="Batch norm helps because networks train with it at larger learning rates; at a"
        " rate at which the plain network trains too, it gains little.",
        keys=("bjorck2018",),
        refuted_by="a gain as large at small rates, or a plain network at its best rate that does"
        " as well",
        verdict="In part for generalization: in residual networks about half of the gain comes with"
        " the larger rate, half is there at the plain network's own. Not for speed: small networks"
        " save as many steps at the plain network's own rate.",
        evidence=(
            Evidence(
                claim="A4",
                speaks="in part",
                measures=("largest", "shared"),
                says="Residual networks with batch norm generalize best at rate 0.1, at which those"
                " without it fail. At the plain network's best rate they are ahead as well.",
            ),
            Evidence(
                claim="N11",
                speaks="in part",
                measures=("five", "one"),
                says="At five times the plain network's rate batch norm needs fewer steps; at the"
                " plain network's own rate as well, nearly or just as few.",
            ),
            Evidence(
                claim="A5",
                speaks="in part",
                measures=("rate",),
                says="Where the rate rises during training, the loss is lowest at a larger rate"
                " with batch norm. In VGG after short training it is at a smaller one.",
            ),
            Evidence(
                claim="BN3",
                speaks="beside",
                says="The gradient is at a right angle to the weights in front of batch norm, so"
                " plain steps only lengthen them, and longer weights turn less at each step.",
            ),
        ),
    ),
    Hypothesis(
        name="Length and direction",
        sentence="Batch norm helps because it learns the length and the direction of each unit's"
        " weights apart, in the metric of the inputs.",
        keys=("kohler2019", "salimans2016"),
        refuted_by="problems of the kind that the proofs speak of, on which tuned gradient descent"
        " is as fast; or weight norm, which learns both apart too, without batch norm's gain",
        verdict="A theory of one unit, which is right there; faster on one loss, slower on another."
        " In deep networks weight norm, which learns both apart too, gains less.",
        evidence=(
            Evidence(
                claim="W12",
                speaks="beside",
                says="With batch norm's length and direction, three losses send the direction along"
                " one path, in expectation: the theory's picture is exact.",
            ),
            Evidence(
                claim="W13",
                speaks="in part",
                measures=("sigmoidal", "least squares", "logistic"),
                says="Normalized descent is faster on the sigmoidal loss, by a factor that depends"
                " on how expectations are computed, and slower on least squares unless its own step"
                " is tuned too. On the logistic loss plain descent was not tuned.",
            ),
            Evidence(
                claim="N9",
                speaks="beside",
                says="A unit has the same size in all directions under batch norm, and not under"
                " weight norm. What both can represent is the same.",
            ),
            Evidence(
                claim="W16",
                speaks="beside",
                says="γ and β shut a unit at once where its weights do not; an ordinary bias does"
                " so too.",
            ),
            Evidence(
                claim="A9",
                speaks="in part",
                measures=("hessian", "deep"),
                says="At six layers the layers depend less on each other with batch norm; at twelve"
                " they do not.",
            ),
            Evidence(
                claim="WK1",
                speaks="against",
                measures=("share weight norm",),
                says="Learnt apart in weight norm's metric, they give a deep network less than a"
                " third of what batch norm gives. The metric of the inputs was not tried.",
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
        verdict="Supported in a small network with wrong labels: with rates tuned, the noise helps,"
        " and noise of that size from elsewhere does as well. Large networks were not tried.",
        evidence=(
            Evidence(
                claim="NG1",
                speaks="for",
                measures=("gain", "injected", "normalization", "at one rate"),
                says="With noisy statistics a network generalizes better than with noiseless ones,"
                " each at its rate. Injected noise does as well. Normalization without noise"
                " gains nothing clear.",
            ),
            Evidence(
                claim="NG2",
                speaks="beside",
                measures=("passes", "batch"),
                says="A network learns to cancel noise shared by its units. It leaves batch"
                " norm's.",
            ),
            Evidence(
                claim="W10",
                speaks="beside",
                says="How noisy a standardized value is falls with the batch size, a little slower"
                " than the 1/n of the mean alone.",
            ),
            Evidence(
                claim="W11",
                speaks="beside",
                measures=("drop", "drop at 4", "drop at 8"),
                says="Batches of two cost accuracy, those of eight hardly any. At two each value is"
                " ±1, so that more is lost than noise explains.",
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
                says="Trainable noise on the weights, the lecture's one example, adds nothing to"
                " adversarial training here.",
            ),
            Evidence(
                claim="R17",
                speaks="beside",
                measures=("fitted norm",),
                says="With batch norm, too, a network fits random labels: to optimize well does not"
                " by itself explain generalization.",
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
        verdict="The collapse is real, and batch norm prevents it. A start without collapse gives"
        " about half of the gain, on most seeds; what gives the rest is open.",
        evidence=(
            Evidence(
                claim="A7",
                speaks="beside",
                measures=("relu", "batch"),
                says="In deep ReLU networks each unit is nearly constant over the inputs, and with"
                " batch norm it is not: what the hypothesis takes for granted is so.",
            ),
            Evidence(
                claim="WK1",
                speaks="in part",
                measures=("share start",),
                says="A start at which each unit has mean 0 and variance 1 gives about half of what"
                " batch norm gives; on some seeds it gives nothing.",
            ),
            Evidence(
                claim="A8",
                speaks="in part",
                measures=("target none", "target batch"),
                says="A step of 1% along the gradient of a mean output changes what a trained plain"
                " network predicts, and not what one with batch norm does. In VGG it changes both.",
            ),
            Evidence(
                claim="RC2",
                speaks="beside",
                says="Residual networks of a hundred layers train without normalization if their"
                " branches are small.",
            ),
            Evidence(
                claim="A11",
                speaks="beside",
                measures=("he + batch norm",),
                says="At the start gradients grow from layer to layer with batch norm: it keeps the"
                " samples apart, not the gradient's size.",
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
        verdict="As predicted in one deep network. But a wrong gradient does harm anyway; that it"
        " is why the right one helps is not shown.",
        evidence=(
            Evidence(
                claim="WK1",
                speaks="for",
                measures=("share detached",),
                says="Batch norm whose gradient ignores its statistics keeps less than half of its"
                " gain.",
            ),
            Evidence(
                claim="N7",
                speaks="beside",
                measures=("both", "none"),
                says="Detached statistics harm layer norm under Adam in small networks. There the"
                " plain network does as well as layer norm, so this shows the harm alone.",
            ),
            Evidence(
                claim="A10",
                speaks="beside",
                measures=("centring", "behind"),
                says="Which statistic is used hardly matters at a fixed rate: removing the mean"
                " alone gains as much as dividing by any of three norms.",
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
    'A4 · in part · loss_smoothness'
    """
    return EvidenceTable(hypothesis(name))


def overview() -> MapTable:
    """All hypotheses in one table."""
    return MapTable(HYPOTHESES)

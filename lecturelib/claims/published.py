"""Published tables as data: what papers report, where it stands, and whether it was checked.

``checked`` says against what the numbers were compared: the paper's text, the authors' repository,
or only the lecture that shows them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = [
    "ACTIVATIONS_CAFFENET",
    "DETACHED_LAYER_NORM",
    "DROPOUT_DENSENET",
    "DROPOUT_MNIST",
    "INCEPTION_STEPS",
    "NORM_PROP_CIFAR",
    "PARAMETRIC_NOISE",
    "PLACEMENT_CAFFENET",
    "PLACEMENT_DROPOUT",
    "PLACEMENT_GOOGLENET",
    "TABLES",
    "WEIGHT_NORM_CIFAR",
    "PublishedTable",
]


@dataclass(frozen=True)
class PublishedTable:
    """A table of a paper.

    Args:
        title: what the table shows and on which data.
        columns: headings; the first column names the row.
        rows: one tuple a row; ``None`` where the paper gives nothing.
        source: paper and place in it.
        citation: key in the book's bibliography.
        checked: what the numbers were compared with.
        claims: ids of the claims that it serves.
        note: conditions to keep in mind.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    source: str
    citation: str
    checked: str
    claims: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"PublishedTable: {row} does not fit the columns {self.columns}")

    def column(self, name: str) -> dict[str, float | str | None]:
        """One column as a mapping from the row's name."""
        index = self.columns.index(name)
        return {str(row[0]): row[index] for row in self.rows}

    def __str__(self) -> str:
        """Title, aligned columns, source and what it was checked against."""
        shown = [self._aligned(i) for i in range(len(self.columns))]
        cells = [self.columns, *zip(*shown, strict=True)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        lines = [
            row[0].ljust(widths[0])
            + "".join("  " + c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))
            for row in cells
        ]
        lines.insert(1, "-" * len(lines[0]))
        notes = [f"Source: {self.source}.", f"Checked: {self.checked}."]
        if self.note:
            notes.append(f"Note: {self.note}")
        wrapped = [textwrap.fill(note, 78, subsequent_indent="  ") for note in notes]
        return "\n".join([self.title, *lines, *wrapped])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The same as an HTML table, for notebooks and the published page."""

        def row(cells: Sequence[str], tag: str) -> str:
            first = '<th scope="col">' if tag == "th" else "<td>"
            rest = first.replace(">", ' style="text-align: right">')
            parts = [first + escape(cells[0]), *(rest + escape(cell) for cell in cells[1:])]
            return "<tr>" + "".join(f"{part}</{tag}>" for part in parts) + "</tr>"

        columns = [self._aligned(i) for i in range(len(self.columns))]
        body = "".join(row(cells, "td") for cells in zip(*columns, strict=True))
        notes = f"Source: {self.source}. Checked: {self.checked}. {self.note}".strip()
        return (
            f'<table class="table"><caption>{escape(self.title)}</caption>'
            f"<thead>{row(self.columns, 'th')}</thead><tbody>{body}</tbody></table>"
            f"<p><small>{escape(notes)}</small></p>"
        )

    def _aligned(self, index: int) -> list[str]:
        """A column as text, its numbers with the same number of decimals."""
        values = [row[index] for row in self.rows]
        decimals = max(
            (len(str(v).partition(".")[2]) for v in values if isinstance(v, float)), default=0
        )
        return [
            "–" if v is None else f"{v:.{decimals}f}" if isinstance(v, float) else v for v in values
        ]


INCEPTION_STEPS = PublishedTable(
    title="Inception on ImageNet: steps to 72.2% and best single-crop accuracy",
    columns=("model", "initial rate", "million steps to 72.2%", "best accuracy (%)"),
    rows=(
        ("Inception", 0.0015, 31.0, 72.2),
        ("BN-Baseline", 0.0015, 13.3, 72.7),
        ("BN-x5", 0.0075, 2.1, 73.0),
        ("BN-x30", 0.045, 2.7, 74.8),
        ("BN-x5-Sigmoid", 0.0075, None, 69.8),
    ),
    source="Ioffe and Szegedy (2015), figure 3 and section 4.2.2; lecture NT, page 20",
    citation="ioffe2015",
    checked=(
        "rates, 31.0, 72.2, 74.8 and 69.8 against the paper's text, the rest against the lecture, "
        "consistent with the text's '14 times fewer' and 'less than half' the steps"
    ),
    claims=("N11",),
    note=(
        "BN-x5 and BN-x30 change more than the rate: no dropout, less weight decay, faster decay "
        "of the rate, better shuffling, no local response normalization."
    ),
)

PLACEMENT_CAFFENET = PublishedTable(
    title="CaffeNet at 128 pixels on ImageNet: batch norm before or after the ReLU",
    columns=("batch norm", "γ and β", "accuracy", "log loss"),
    rows=(
        ("none", None, 0.471, 2.36),
        ("before", "no", 0.474, 2.35),
        ("before", "yes", 0.478, 2.33),
        ("after", "no", 0.499, 2.21),
        ("after", "yes", 0.493, 2.24),
    ),
    source="Mishkin, Sergievskiy and Matas (2017); repository caffenet-benchmark, batchnorm.md",
    citation="mishkin2017",
    checked="against batchnorm.md in the authors' repository",
    claims=("N12",),
    note="One run a row, LSUV initialization; the spread over seeds is not published.",
)

PLACEMENT_DROPOUT = PublishedTable(
    title="CaffeNet at 128 pixels on ImageNet: batch norm after the ReLU, dropout in fc6 and fc7",
    columns=("dropout", "accuracy", "log loss"),
    rows=(("0.5", 0.499, 2.21), ("0.2", 0.527, 2.09), ("0", 0.513, 2.19)),
    source="Mishkin, Sergievskiy and Matas (2017); repository caffenet-benchmark, batchnorm.md",
    citation="mishkin2017",
    checked="against batchnorm.md in the authors' repository",
    claims=("N12",),
    note="One run a row.",
)

PLACEMENT_GOOGLENET = PublishedTable(
    title="GoogLeNet at 128 pixels on ImageNet: batch norm does not always help",
    columns=("batch norm", "initialization", "accuracy", "log loss"),
    rows=(
        ("none", None, 0.619, 1.61),
        ("before, γ and β", "orthogonal", 0.607, 1.67),
        ("after", "LSUV", 0.596, 1.70),
    ),
    source="Mishkin, Sergievskiy and Matas (2017); repository caffenet-benchmark, batchnorm.md",
    citation="mishkin2017",
    checked="against batchnorm.md in the authors' repository",
    claims=("N12",),
    note="One run a row.",
)

DROPOUT_DENSENET = PublishedTable(
    title="DenseNet on CIFAR-100: dropout inside each bottleneck, before the next batch norm",
    columns=("dropout", "test accuracy (%)"),
    rows=(("none", 77.42), ("0.5", 68.55)),
    source="Li, Chen, Hu and Yang (2019), figure 1",
    citation="li2019",
    checked="against the caption text of figure 1 in the preprint (arXiv:1801.05134v1)",
    claims=("N2",),
)

DROPOUT_MNIST = PublishedTable(
    title="MNIST: test error with and without dropout",
    columns=("method", "test error (%)"),
    rows=(
        ("no dropout, logistic units", 1.60),
        ("dropout, logistic units", 1.35),
        ("dropout, ReLUs", 1.25),
        ("dropout, ReLUs, bounded weights", 1.06),
        ("the same, the largest network", 0.95),
        ("deep Boltzmann machine before, dropout in fine-tuning", 0.79),
    ),
    source="Srivastava et al. (2014), table 2",
    citation="srivastava2014",
    checked="against table 2 of the paper in JMLR 15",
    claims=("R2",),
    note="Rows of which the chapter speaks; the paper has more, and the sizes of the networks.",
)

ACTIVATIONS_CAFFENET = PublishedTable(
    title="CaffeNet at 128 pixels on ImageNet: the activation",
    columns=("activation", "accuracy", "log loss", "with batch norm"),
    rows=(
        ("none, strides for max-pooling", 0.035, 6.28, None),
        ("none, with max-pooling", 0.389, 2.93, 0.384),
        ("sigmoid", None, None, 0.475),
        ("tanh", 0.401, 2.78, None),
        ("asinh", 0.417, 2.71, None),
        ("1.73 tanh(2x/3)", 0.423, 2.66, None),
        ("APL, 5 pieces", 0.465, 2.39, None),
        ("max(x, x/3)", 0.469, 2.40, None),
        ("SELU", 0.470, 2.38, None),
        ("ReLU", 0.471, 2.36, 0.499),
        ("APL, 2 pieces", 0.471, 2.38, None),
        ("randomized leaky ReLU", 0.478, 2.32, 0.500),
        ("maxout, 2 pieces, √2 narrower", 0.482, 2.30, None),
        ("maxout, width not said", None, None, 0.487),
        ("PReLU", 0.485, 2.29, 0.503),
        ("ELU, α = 0.5", 0.485, 2.29, None),
        ("softplus − log 2", 0.486, 2.29, None),
        ("(ELU + leaky ReLU)/2", 0.486, 2.28, None),
        ("ELU, α = 1", 0.488, 2.28, 0.498),
        ("ReLU + learned bias", 0.488, 2.27, None),
        ("ELU + learned bias", 0.489, 2.28, None),
        ("ReLU below, narrow maxout on top", 0.490, 2.26, None),
        ("ELU below, narrow maxout on top", 0.499, 2.22, None),
        ("maxout, 2 pieces, full width", 0.517, 2.12, None),
    ),
    source="Mishkin, Sergievskiy and Matas (2017); repository caffenet-benchmark, Activations.md",
    citation="mishkin2017",
    checked="against Activations.md in the authors' repository at commit e47c4ff (30 July 2017)",
    claims=("F9",),
    note=(
        "One run a row, LSUV initialization; the spread over seeds is not published. The last "
        "column is accuracy. “On top” means the fully connected layers. The authors also give "
        "ReLU with local response normalization, 0.470. They say that APL, a sum of learned "
        "hinges, had parameters of its own at each place of the image."
    ),
)

PARAMETRIC_NOISE = PublishedTable(
    title="ResNet-20 on CIFAR-10: parametric noise on the weights over adversarial training",
    columns=("training", "clean (%)", "PGD (%)", "FGSM (%)"),
    rows=(
        ("adversarial, no noise", 83.84, 39.14, 46.55),
        ("noise, one scale a layer", 84.89, 45.94, 54.48),
        ("noise, one scale a channel", 85.17, 48.40, 56.51),
        ("noise, one scale a weight", 80.69, 49.07, 55.13),
    ),
    source="He, Rakin and Fan (2019); the authors' repository CVPR_2019_PNI, README",
    citation="he2019",
    checked="against the README of the authors' repository; the first two rows are lecture LBN's",
    claims=("W14",),
    note=(
        "PGD has 7 steps within 0.031 and sees one draw of the noise a step, without an "
        "expectation over draws (code/models/attack_model.py)."
    ),
)

WEIGHT_NORM_CIFAR = PublishedTable(
    title="One convolutional network on CIFAR-10 without augmentation, five normalizations",
    columns=("normalization", "test error (%)"),
    rows=(
        ("none", 8.43),
        ("weight norm", 8.46),
        ("mean-only batch norm", 8.52),
        ("batch norm", 8.05),
        ("weight norm and mean-only batch norm", 7.31),
    ),
    source="Salimans and Kingma (2016), figure 2; lecture NT, on weight normalization",
    citation="salimans2016",
    checked="against the lecture, which shows the figure",
    claims=("N4",),
    note=(
        "Adam at 0.003, without a norm at 0.0003, which suited it best. The lecture's table also "
        "has five networks of other authors."
    ),
)

NORM_PROP_CIFAR = PublishedTable(
    title="Normalization propagation against batch norm: test error (%)",
    columns=("data", "NormProp", "batch norm"),
    rows=(
        ("CIFAR-10, as they are", 9.11, 9.41),
        ("CIFAR-10, with flips", 7.47, 7.25),
        ("CIFAR-100, as they are", 32.19, 35.32),
        ("CIFAR-100, with flips", 29.24, 30.26),
        ("SVHN", 1.88, 2.25),
    ),
    source="Arpit et al. (2016), table 1",
    citation="arpit2016",
    checked="against table 1 of the paper; the row with flips is also lecture NT's",
    claims=("N3",),
    note="An epoch took 84 s with NormProp and 96 s with batch norm.",
)

DETACHED_LAYER_NORM = PublishedTable(
    title="Layer norm with detached statistics, on eight problems",
    columns=("problem", "measure", "no norm", "detached", "layer norm, no γ and β"),
    rows=(
        ("German to English", "BLEU", "34.0", "33.9", "35.5"),
        ("English to Vietnamese", "BLEU", "28.4", "27.7", "31.6"),
        ("English to German", "BLEU", "diverges", "diverges", "28.4"),
        ("Enwiki8", "lower is better", "1.04", "1.12", "1.07"),
        ("RT", "accuracy", "76.85", "76.40", "76.66"),
        ("SST5", "accuracy", "38.55", "40.04", "40.54"),
        ("MNIST", "accuracy", "99.14", "99.10", "99.09"),
        ("PTB parsing", "score", "88.31", "89.79", "89.19"),
    ),
    source="Xu et al. (2019)",
    citation="xu2019",
    checked="against the authors' poster",
    claims=("N7",),
)

TABLES: dict[str, PublishedTable] = {
    "activations-caffenet": ACTIVATIONS_CAFFENET,
    "detached-layer-norm": DETACHED_LAYER_NORM,
    "norm-prop-cifar": NORM_PROP_CIFAR,
    "weight-norm-cifar": WEIGHT_NORM_CIFAR,
    "inception-steps": INCEPTION_STEPS,
    "parametric-noise": PARAMETRIC_NOISE,
    "placement-caffenet": PLACEMENT_CAFFENET,
    "placement-dropout": PLACEMENT_DROPOUT,
    "placement-googlenet": PLACEMENT_GOOGLENET,
    "dropout-densenet": DROPOUT_DENSENET,
    "dropout-mnist": DROPOUT_MNIST,
}

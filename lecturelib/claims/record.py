"""What a claim is: one record beside the function that runs it.

A :class:`Claim` holds a sentence of the lectures and all that is needed to test it. Its experiment
is a function of ``(settings, seeds, device)`` that returns, by name, one value per seed. Each
:class:`Measure` says which way such a value should go, and how far. The verdict is computed from
the values by :mod:`lecturelib.claims.statistics`; the record states the verdict that is printed in
the book, and a test fails when the two disagree.

An :class:`Erratum` is a place where a slide is wrong, with the test that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

__all__ = [
    "LECTURES",
    "REFERENCES",
    "SCALES",
    "VERDICTS",
    "Claim",
    "Erratum",
    "Experiment",
    "Measure",
    "PublishedFigure",
    "Source",
    "Verdict",
]

Verdict = Literal["holds", "holds with a condition", "not reproduced", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

SCALES: tuple[str, ...] = ("quick", "full", "short")
"""Kinds of settings of a claim."""

Experiment = Callable[[Mapping[str, Any], Sequence[int], str], Mapping[str, Sequence[float]]]

LECTURES: dict[str, str] = {
    "FFN": "Machine Learning II: Deep Feedforward Networks; Regularization",
    "JHU": "EN.601.482/682 Deep Learning: Training Part I",
    "NT": "Normalization Techniques",
    "LBN": "Batch normalisation: How I Learned to Stop Worrying and Love the BN",
    "BLOG": "NeurIPS 2018: Batch Normalization Uncovered",
}

REFERENCES: dict[str, str] = {
    "arpit2016": "Arpit et al. (2016)",
    "ba2016": "Ba et al. (2016)",
    "bjorck2018": "Bjorck et al. (2018)",
    "breiman1996": "Breiman (1996)",
    "bridle1990": "Bridle (1990)",
    "cohen2021": "Cohen et al. (2021)",
    "cybenko1989": "Cybenko (1989)",
    "duchi2011": "Duchi et al. (2011)",
    "gal2016": "Gal and Ghahramani (2016)",
    "glorot2010": "Glorot and Bengio (2010)",
    "goodfellow2016": "Goodfellow, Bengio and Courville (2016)",
    "guo2017": "Guo et al. (2017)",
    "he2019": "He et al. (2019)",
    "he2015": "He et al. (2015)",
    "he2016": "He et al. (2016)",
    "hornik1989": "Hornik et al. (1989)",
    "ioffe2015": "Ioffe and Szegedy (2015)",
    "jaynes1957": "Jaynes (1957)",
    "kingma2015": "Kingma and Ba (2015)",
    "kohler2019": "Kohler et al. (2019)",
    "lecun1991": "LeCun, Kanter and Solla (1991)",
    "krizhevsky2012": "Krizhevsky et al. (2012)",
    "lecun2012": "LeCun et al. (2012)",
    "li2018": "Li et al. (2018)",
    "li2019": "Li et al. (2019)",
    "liu2020": "Liu et al. (2020)",
    "loshchilov2019": "Loshchilov and Hutter (2019)",
    "mishkin2016": "Mishkin and Matas (2016)",
    "mishkin2017": "Mishkin et al. (2017)",
    "nesterov2018": "Nesterov (2018)",
    "nix1994": "Nix and Weigend (1994)",
    "page2019": "Page (2019)",
    "pascanu2013": "Pascanu et al. (2013)",
    "polyak1964": "Polyak (1964)",
    "robbins1951": "Robbins and Monro (1951)",
    "salimans2016": "Salimans and Kingma (2016)",
    "santurkar2018": "Santurkar et al. (2018)",
    "saxe2014": "Saxe et al. (2014)",
    "schmidt2021": "Schmidt et al. (2021)",
    "shallue2019": "Shallue et al. (2019)",
    "shimodaira2000": "Shimodaira (2000)",
    "srivastava2014": "Srivastava et al. (2014)",
    "sutskever2013": "Sutskever et al. (2013)",
    "tompson2015": "Tompson et al. (2015)",
    "vanlaarhoven2017": "van Laarhoven (2017)",
    "zeiler2012": "Zeiler (2012)",
    "xu2019": "Xu et al. (2019)",
    "zhang2017": "Zhang et al. (2017)",
    "zhang2019": "Zhang et al. (2019)",
}
"""Keys of the book's bibliography that records cite, in words."""

_ID = re.compile(r"[A-Z]+[0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who makes the statement: a lecture by its short name, and keys of the book's bibliography.

    A statement that no lecture makes has papers alone, or neither: then it is the course's own.

    >>> str(Source(lecture="LBN", keys=("li2019",))), str(Source(keys=("guo2017",))), str(Source())
    ('LBN after Li et al. (2019)', 'Guo et al. (2017)', 'this course')
    """

    lecture: str = ""
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.lecture and self.lecture not in LECTURES:
            raise ValueError(
                f"Source: unknown lecture {self.lecture!r}; known are {', '.join(LECTURES)}"
            )
        _check_keys("Source", self.keys)

    def __str__(self) -> str:
        papers = " and ".join(REFERENCES[key] for key in self.keys)
        return " after ".join(filter(None, (self.lecture, papers))) or "this course"


def _check_keys(call: str, keys: Sequence[str]) -> None:
    for key in keys:
        if key not in REFERENCES:
            raise ValueError(
                f"{call}: no paper {key!r} in lecturelib.claims.record.REFERENCES; "
                f"there are {', '.join(REFERENCES)}"
            )


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """A number that a paper prints, with the key of the paper and the place in it."""

    text: str
    key: str
    where: str

    def __post_init__(self) -> None:
        _check_keys("PublishedFigure", (self.key,))

    def __str__(self) -> str:
        return f"{self.text} ({REFERENCES[self.key]}, {self.where})"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number per seed, what it should do, and how far it must go to count.

    A measure with ``expect`` passes when the median over seeds lies beyond ``threshold`` *and* at
    least a share ``wins`` of the seeds lies on the expected side of ``reference``, the value that
    means "no effect" (0 for a difference, 1 for a ratio; the threshold itself if nothing is said).
    A measure without ``expect`` is reported only.

    Args:
        name: key in what the experiment returns.
        label: what the number is, in words.
        unit: its unit, or an empty string.
        expect: ``"above"``, ``"below"`` or ``None``.
        threshold: the value that the median must pass.
        reason: why this threshold.
        reference: value of no effect, for paired wins and for the verdict *wrong*.
        wins: share of the seeds that must lie beyond ``reference``.
        role: ``"claim"`` if it tests the statement, ``"condition"`` if it shows where the
            statement ends.
        tolerance: how far the median may move from one processor or library version to another.
        digits: digits after the point in print; ``-1`` prints powers of ten.
        bound: a value that a theorem lets no seed pass, such as 1 for a norm that can't shrink.

    >>> gain = Measure(name="gain", label="gain in accuracy", expect="above", threshold=0.05,
    ...                reference=0.0, reason="half the effect", tolerance=0.02)
    >>> gain.expect, gain.no_effect
    ('above', 0.0)
    """

    name: str
    label: str
    unit: str = ""
    expect: Literal["above", "below"] | None = None
    threshold: float | None = None
    reason: str = ""
    reference: float | None = None
    wins: float = 0.9
    role: Literal["claim", "condition"] = "claim"
    tolerance: float | None = None
    digits: int = 3
    bound: float | None = None

    def __post_init__(self) -> None:
        if self.expect is None:
            return
        if self.threshold is None or not self.reason or self.tolerance is None:
            raise ValueError(
                f"Measure {self.name!r} expects a value {self.expect} something: "
                "it needs threshold, reason and tolerance"
            )
        if not 0 <= self.wins <= 1:
            raise ValueError(f"Measure {self.name!r}: wins={self.wins} is not a share in [0, 1]")

    @property
    def no_effect(self) -> float | None:
        """Where nothing is gained or lost; ``reference``, or the threshold where none is given."""
        return self.threshold if self.reference is None else self.reference


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of the lectures, and the experiment that tests it.

    Args:
        id: stable short name, such as ``"N2"``.
        slug: the same in words, such as ``"dropout-before-batch-norm"``.
        sentence: the statement.
        sources: who makes it.
        protocol: what is run, in words.
        experiment: function ``(settings, seeds, device)`` -> ``{measure name: values per seed}``.
        quick: settings for a CPU, seconds.
        full: settings for a GPU.
        short: what to change in them so that ten seeds take minutes: the same models, less
            training. Empty where nobody ran the claim so.
        measures: what is measured; the first one is drawn on the card.
        verdict: what the book prints. A run that gives another verdict fails the test.
        conditions: where the statement fails, in words.
        published: what papers report.
        tiny: what to change in the full settings so that a CPU takes their path in a second. Empty
            where the quick settings take the same path.
        chapter: slug of the chapter that shows it; by default the one in whose folder the
            experiment stands.
        vectorized: whether the experiment carries its seeds along a leading tensor axis. If not,
            each seed is a task of its own.
        seeds: how many seeds decide about the verdict.
        runs: runs behind each value of the quick settings, an odd number: the value of a seed is
            the median of so many independent runs. One run of a noisy experiment says little.

    Raises:
        ValueError: if a field is malformed, or the verdict needs a measure that is not there.
    """

    id: str
    slug: str
    sentence: str
    sources: tuple[Source, ...]
    protocol: str
    experiment: Experiment
    quick: Mapping[str, Any]
    full: Mapping[str, Any]
    measures: tuple[Measure, ...]
    verdict: Verdict
    conditions: tuple[str, ...] = ()
    published: tuple[PublishedFigure, ...] = ()
    vectorized: bool = True
    short: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 10
    runs: int = 1
    tiny: Mapping[str, Any] = field(default_factory=dict)
    chapter: str = ""
    _by_name: dict[str, Measure] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id) or not _SLUG.fullmatch(self.slug):
            raise ValueError(
                f"Claim: id {self.id!r} must be capitals and digits (N2), "
                f"slug {self.slug!r} lower-case words joined by '-'"
            )
        if not self.chapter:
            object.__setattr__(self, "chapter", _chapter(self.id, self.experiment))
        if self.verdict not in VERDICTS:
            raise ValueError(f"Claim {self.id}: verdict {self.verdict!r} is not in {VERDICTS}")
        if self.seeds < 1 or self.runs < 1 or self.runs % 2 == 0:
            raise ValueError(
                f"Claim {self.id}: seeds={self.seeds} must be at least 1, and runs={self.runs} odd"
            )
        if not self.sources:
            raise ValueError(f"Claim {self.id} has no source")
        if set(self.quick) != set(self.full):
            odd = sorted(set(self.quick) ^ set(self.full))
            raise ValueError(f"Claim {self.id}: quick and full settings differ in names: {odd}")
        if odd := sorted(set(self.short) - set(self.full)):
            raise ValueError(f"Claim {self.id}: short settings change what is no setting: {odd}")
        if odd := sorted(set(self.tiny) - set(self.full)):
            raise ValueError(f"Claim {self.id}: tiny settings change what is no setting: {odd}")
        names = [measure.name for measure in self.measures]
        if len(set(names)) != len(names):
            raise ValueError(f"Claim {self.id}: two measures share a name: {names}")
        roles = {measure.role for measure in self.measures if measure.expect}
        if "claim" not in roles:
            raise ValueError(f"Claim {self.id} has no measure that tests it")
        if (self.verdict == "holds with a condition") != ("condition" in roles):
            raise ValueError(
                f"Claim {self.id}: 'holds with a condition' and a measure of role 'condition' "
                "go together"
            )
        object.__setattr__(self, "_by_name", {m.name: m for m in self.measures})

    def measure(self, name: str) -> Measure:
        """The measure of that name.

        Raises:
            ValueError: if there is none.
        """
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(self._by_name)
            raise ValueError(f"Claim {self.id} has no measure {name!r}; it has {known}") from None

    def settings(self, scale: str = "quick", **changes: Any) -> dict[str, Any]:
        """The settings of a scale, with some of them changed.

        Args:
            scale: ``"quick"``, ``"full"`` or ``"short"``.
            **changes: new values, of the type that the setting has.

        Raises:
            ValueError: if the scale or the name of a setting is unknown.
            TypeError: if a value has another type.
        """
        if scale not in SCALES:
            raise ValueError(f"Claim {self.id}: scale {scale!r} is none of {', '.join(SCALES)}")
        if scale == "short" and not self.short:
            raise ValueError(f"Claim {self.id} has no short settings; use the quick or full ones")
        settings = dict(self.quick if scale == "quick" else self.full)
        if scale == "short":
            settings |= self.short
        for name, value in changes.items():
            if name not in settings:
                known = ", ".join(settings) or "none"
                raise ValueError(f"Claim {self.id} has no setting {name!r}; it has {known}")
            settings[name] = _cast(self.id, name, settings[name], value)
        return settings


def _chapter(claim: str, experiment: Experiment) -> str:
    """The chapter in whose folder an experiment stands."""
    module = getattr(experiment, "__module__", "")
    found = re.match(r"lecturelib\.chapters\.(\w+)\.", module)
    if found is None:
        raise ValueError(
            f"Claim {claim}: its experiment stands in {module!r}, in no chapter's folder; say"
            " chapter=…"
        )
    return found[1]


def _cast(claim: str, name: str, old: Any, new: Any) -> Any:
    """``new`` if it has the type of ``old``; an int may stand for a float."""
    if isinstance(old, float) and isinstance(new, int) and not isinstance(new, bool):
        return float(new)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return type(old)(new)
    if type(old) is not type(new):
        raise TypeError(
            f"Claim {claim}: setting {name!r} is a {type(old).__name__} "
            f"(such as {old!r}), not {new!r}"
        )
    return new


@dataclass(frozen=True, kw_only=True)
class Erratum:
    """A place where a slide is wrong.

    Args:
        id: stable name in lower-case words, such as ``"jhu-identity"``.
        chapter: slug of the chapter that treats the subject.
        lecture: short name of the lecture.
        where: which slide.
        says: what it says, in plain letters.
        right: what is right.
        why: the reason, in a sentence or two.
        test: the test that shows it, as ``path::name`` from the repository's root.
    """

    id: str
    chapter: str
    lecture: str
    where: str
    says: str
    right: str
    why: str
    test: str

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.id):
            raise ValueError(f"Erratum: id {self.id!r} must be lower-case words joined by '-'")
        if self.lecture not in LECTURES:
            raise ValueError(f"Erratum {self.id}: unknown lecture {self.lecture!r}")
        if not re.fullmatch(r"tests/\S+\.py::test_\w+", self.test):
            raise ValueError(f"Erratum {self.id}: test {self.test!r} is not tests/….py::test_…")

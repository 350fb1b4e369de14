"""The topics of the lectures: on which slides each stands, and where a chapter teaches it.

A chapter's records are ``TOPICS`` in its ``topics.py``. The page "From the lectures to the
chapters" is made from them by ``python -m tools.topics``, which also says what is missing: a
heading, a topic of a slide, a chapter.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from lecturelib import contents
from lecturelib.outlines import OUTLINES

__all__ = ["Topic", "topics"]


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic, in the words of the field.

    Args:
        name: the topic; no other one of the book has this name.
        slides: titles of slides or sections as :mod:`lecturelib.outlines` has them, by the short
            name of the lecture. Empty for what a chapter adds of its own.
        headings: those under which the chapter's page teaches it. Empty as long as there is no
            such page.
        exercises: slugs of exercises of the chapter that treat it.
        note: what the page leaves out of the topic. A topic that it leaves out altogether has a
            note and no heading.

    Raises:
        ValueError: there is no such lecture, or its outline has no such slide.

    >>> topic = Topic(name="Temperature", slides={"FFN": ("Softmax with temperature",)},
    ...               headings=("Temperature",))
    >>> topic.slides["FFN"][0]
    'Softmax with temperature'
    >>> Topic(name="Softmax", slides={"FFN": ("Softmaxes",)})
    Traceback (most recent call last):
        ...
    ValueError: Topic 'Softmax': FFN has no slide 'Softmaxes'; did you mean 'Softmax'?
    """

    name: str
    slides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for lecture, titles in self.slides.items():
            if lecture not in OUTLINES:
                known = ", ".join(OUTLINES)
                raise ValueError(f"Topic {self.name!r}: no lecture {lecture!r}; there are {known}")
            for title in titles:
                if title not in OUTLINES[lecture]:
                    hint = nearest(title, OUTLINES[lecture])
                    raise ValueError(f"Topic {self.name!r}: {lecture} has no slide {title!r}{hint}")


def nearest(name: str, known: tuple[str, ...]) -> str:
    """The end of a message on a name that does not exist: which one may have been meant.

    >>> nearest("Softmaxes", ("Softmax", "Sigmoid")), nearest("x", ("Softmax",))
    ("; did you mean 'Softmax'?", '')
    """
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def topics(chapter: str | None = None) -> dict[str, tuple[Topic, ...]]:
    """The topics of a chapter, or of all chapters in the order of the book, by chapter.

    A chapter without topics is left out.

    Raises:
        ValueError: there is no such chapter.

    >>> topics("dropout")["dropout"][0].name
    'Bagging: bootstrap aggregation'
    """
    return {slug: tuple(module.TOPICS) for slug, module in contents.modules("topics", chapter)}
